//! Signing in and out, and who is signed in.

use api_types::{Session, SignIn};

use super::{ApiError, client};

/// Who is signed in. `SignedOut` if nobody is.
pub async fn current() -> Result<Session, ApiError> {
    client::get("/session").await
}

/// Signs in; the browser keeps the cookie.
pub async fn sign_in(email: String, password: String) -> Result<Session, ApiError> {
    client::post("/session", &SignIn { email, password }).await
}

/// Signs out.
pub async fn sign_out() -> Result<(), ApiError> {
    client::delete("/session").await
}
