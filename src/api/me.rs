//! What a resident sees of their own.

use api_types::MyAccess;

use super::{ApiError, client};

/// The resident's code (masked), doors, placements and the checklist (R14, R15).
pub async fn access() -> Result<MyAccess, ApiError> {
    client::get("/me/access").await
}
