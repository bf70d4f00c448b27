//! The first administrator, the staff, and invitations.

use api_types::{
    ForgottenPassword, Invitation, InvitationAcceptance, InvitationRequest, Invite, LinkToken, MailHealth, MailService,
    NewStaffMember, Page, PasswordReset, Session, SetUp, StaffMember, StaffMemberEdit,
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

/// Whether the server sends mail.
pub async fn mail_service() -> Result<MailService, ApiError> {
    client::get("/password/forgot").await
}

/// Asks for a link to set another password; the answer is the same for every address.
pub async fn forgot_password(email: String) -> Result<MailService, ApiError> {
    client::post("/password/forgot", &ForgottenPassword { email }).await
}

/// Whose password a link sets.
pub async fn open_reset(token: String) -> Result<Invitation, ApiError> {
    client::post("/password/open", &LinkToken { token }).await
}

/// Sets another password by a link.
pub async fn reset_password(token: String, password: String) -> Result<Invitation, ApiError> {
    client::post("/password/reset", &PasswordReset { token, password }).await
}

/// Which address a link confirms.
pub async fn open_address(token: String) -> Result<Invitation, ApiError> {
    client::post("/address/open", &LinkToken { token }).await
}

/// Confirms an address by the link that was sent there.
pub async fn confirm_address(token: String) -> Result<Invitation, ApiError> {
    client::post("/address/confirm", &LinkToken { token }).await
}

/// How sending mail goes.
pub async fn mail_health() -> Result<MailHealth, ApiError> {
    client::get("/mail").await
}

/// A new link with which a member of the staff sets another password.
pub async fn offer_reset(id: PersonId) -> Result<Invite, ApiError> {
    client::post(&["/people/", &id.to_string(), "/reset"].concat(), &()).await
}

/// A new link with which a resident sets another password.
pub async fn offer_resident_reset(property: PropertyId, resident: TenancyId) -> Result<Invite, ApiError> {
    client::post(&path(property, &["/residents/", &resident.to_string(), "/reset"].concat()), &()).await
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
