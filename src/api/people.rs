//! The first administrator, the staff, and invitations.

use api_types::{
    Invitation, InvitationAcceptance, InvitationRequest, Invite, NewStaffMember, Page, Session, SetUp, StaffMember,
    StaffMemberEdit,
};
use ids::{PersonId, PropertyId, TenancyId};

use super::{ApiError, IdempotencyKey, Tagged, client, properties::path};
use crate::{early::ALL, query::Query};

/// Makes the first administrator, who is signed in then.
pub async fn set_up(request: SetUp) -> Result<Session, ApiError> {
    client::post("/set-up", &request).await
}

/// Whom an invitation is for.
pub async fn open_invitation(token: String) -> Result<Invitation, ApiError> {
    client::post("/invitations/open", &InvitationRequest { token }).await
}

/// Accepts an invitation with a password.
pub async fn accept_invitation(token: String, password: String) -> Result<Invitation, ApiError> {
    client::post("/invitations/accept", &InvitationAcceptance { token, password }).await
}

/// One page of the staff.
pub async fn list(cursor: Option<String>) -> Result<Page<StaffMember>, ApiError> {
    client::get(&Query::new().with("limit", ALL).with_some("cursor", cursor.as_deref()).on("/people")).await
}

/// Adds somebody to the staff.
pub async fn add(new: &NewStaffMember, key: &IdempotencyKey) -> Result<StaffMember, ApiError> {
    client::post_once("/people", Some(new), key).await
}

/// Changes somebody's roles, or whether they may sign in.
pub async fn edit(id: PersonId, edit: &StaffMemberEdit) -> Result<StaffMember, ApiError> {
    let edited: Tagged<StaffMember> = client::patch(&["/people/", &id.to_string()].concat(), edit, None).await?;
    Ok(edited.value)
}

/// A new link by which a member of the staff comes in.
pub async fn invite(id: PersonId) -> Result<Invite, ApiError> {
    client::post(&["/people/", &id.to_string(), "/invite"].concat(), &()).await
}

/// A new link by which a resident comes in.
pub async fn invite_resident(property: PropertyId, resident: TenancyId) -> Result<Invite, ApiError> {
    client::post(&path(property, &["/residents/", &resident.to_string(), "/invite"].concat()), &()).await
}
