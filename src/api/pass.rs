//! What a guest sees through a link, signed in or not.

use api_types::{GuestPass, PassRequest, PassState, RevealedCode};

use super::{ApiError, client};

/// The pass of the link with this secret, without digits.
pub async fn open(secret: String) -> Result<GuestPass, ApiError> {
    client::post("/pass", &PassRequest { secret }).await
}

/// What can change on a pass that is open; not recorded.
pub async fn state(secret: String) -> Result<PassState, ApiError> {
    client::post("/pass/state", &PassRequest { secret }).await
}

/// The digits, for a short while; recorded.
pub async fn reveal(secret: String) -> Result<RevealedCode, ApiError> {
    client::post("/pass/reveal", &PassRequest { secret }).await
}
