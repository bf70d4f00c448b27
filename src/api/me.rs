//! The signed-in person's own things: a resident's access, anybody's sessions.

use api_types::{EndedSessions, MyAccess, MySessions};
use ids::SessionId;

use super::{ApiError, client};

/// The resident's code (masked), doors, placements and the checklist (R14, R15).
pub async fn access() -> Result<MyAccess, ApiError> {
    client::get("/me/access").await
}

/// The sessions of the signed-in person.
pub async fn sessions() -> Result<MySessions, ApiError> {
    client::get("/me/sessions").await
}

/// Ends one of the person's sessions.
pub async fn end_session(id: SessionId) -> Result<(), ApiError> {
    client::delete(&["/me/sessions/", &id.to_string()].concat()).await
}

/// Ends all of the person's other sessions.
pub async fn end_other_sessions() -> Result<EndedSessions, ApiError> {
    client::delete_for("/me/sessions").await
}
