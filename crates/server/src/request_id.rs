//! The id that identifies a request, for people to quote to support and to find it in the program's log.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: Uuid;
}

/// The header that carries it in every response. One sent by a client is ignored.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request being handled; empty outside a request.
pub fn current() -> String {
    CURRENT.try_with(Uuid::to_string).unwrap_or_default()
}

/// Assigns the request an id, for everything inside and for the response.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    let mut response = CURRENT.scope(id, next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response
}
