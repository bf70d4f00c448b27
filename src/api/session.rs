//! Signing in and out, and who is signed in.

use api_types::{Session, SignIn};

use super::{ApiError, client};

/// Who is signed in. `SignedOut` if nobody is.
pub async fn current() -> Result<Session, ApiError> {
    client::get("/session").await
}

/// Signs in; the browser keeps the cookie. `CookieNotKept` if it doesn't: WebKit over plain http, for example.
pub async fn sign_in(email: String, password: String) -> Result<Session, ApiError> {
    kept(client::post("/session", &SignIn { email, password }).await?).await
}

/// The session, if the browser kept its cookie.
pub(super) async fn kept(session: Session) -> Result<Session, ApiError> {
    match current().await {
        Err(ApiError::SignedOut) => Err(ApiError::CookieNotKept),
        _ => Ok(session),
    }
}

/// Signs out.
pub async fn sign_out() -> Result<(), ApiError> {
    client::delete("/session").await
}
