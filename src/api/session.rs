//! Signing in and out, and who am I.

use api_types::{Session, SignIn};

use super::{ApiError, client};

/// Who is signed in. `SignedOut` if nobody is.
pub async fn current() -> Result<Session, ApiError> {
    client::get("/session").await
}

/// Signs in; the cookie is the browser's business.
pub async fn sign_in(email: String, password: String) -> Result<Session, ApiError> {
    client::post("/session", &SignIn { email, password }).await
}

/// Signs out.
pub async fn sign_out() -> Result<(), ApiError> {
    client::delete("/session").await
}
