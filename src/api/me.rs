//! The signed-in person's own things: a resident's access, anybody's sessions.

use api_types::{AddressChange, EndedSessions, MailService, MyAccess, MySessions};
use ids::SessionId;

use super::{ApiError, client};
use crate::query::Query;

/// The resident's code (masked), doors, placements and the checklist (R14, R15), of one of their tenancies; of the one that
/// began last if it is empty (R39).
pub async fn access(tenancy: String) -> Result<MyAccess, ApiError> {
    client::get(&Query::new().with("tenancy", &tenancy).on("/me/access")).await
}

/// Asks for another address; a link that confirms it is sent there.
pub async fn change_address(email: String, password: String) -> Result<MailService, ApiError> {
    client::post("/me/address", &AddressChange { email, password }).await
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
