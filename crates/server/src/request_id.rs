//! The id by which a person quotes a request to support, and a log line is found again.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: Uuid;
}

/// The header that every answer carries it in. One that a client sends is not looked at.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request being answered; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Uuid::to_string).unwrap_or_default()
}

/// Gives the request an id, for everything inside and for the answer.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    let mut response = CURRENT.scope(id, next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response
}
