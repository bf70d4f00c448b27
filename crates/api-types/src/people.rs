//! Setting up: the first administrator, staff, and the links by which people come in (R34, R37).

use ids::{PersonId, PropertyId, TenancyId};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{Instant, Language, MaybeKnown, ProblemCode, Role};

named! {
    /// How far somebody is on the way to signing in (R37).
    pub enum AccountState {
        /// They have no password, and no invitation that is still valid.
        NotInvited = "not_invited",
        /// They have an invitation and no password yet.
        Invited = "invited",
        /// They can sign in.
        Active = "active",
        /// They can't sign in any more.
        Disabled = "disabled",
    }
}

/// `POST /set-up`: the first administrator. No `Debug`: it holds a password and a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// What follows the `#` of the printed link.
    pub token: String,
    /// The person's name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The password to sign in with: at least 12 characters.
    pub password: String,
}

/// `POST /invitations/open`. No `Debug`: it holds a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    /// What follows the `#` of the link.
    pub token: String,
}

/// Whom an invitation is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The person's name.
    pub name: String,
    /// The address they will sign in with.
    pub email: String,
    /// When the link stops working.
    pub expires_at: Instant,
    /// Whether they may choose a passkey instead of a password at the address by which the server was reached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passkeys: bool,
}

/// `POST /invitations/accept`. No `Debug`: it holds a password and a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationAcceptance {
    /// What follows the `#` of the link.
    pub token: String,
    /// The password to sign in with: at least 12 characters.
    pub password: String,
}

/// The answer to inviting somebody. No `Debug`: whoever has the link can set the person's password.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    /// The link to hand over, as `/invitation#…` of this server.
    pub link: String,
    /// When it stops working.
    pub expires_at: Instant,
    /// Whether it was sent by mail.
    pub mailed: bool,
}

/// A resident who can't sign in yet, as `GET /properties/{id}/invitations` lists them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToInvite {
    /// Their tenancy.
    pub id: TenancyId,
    /// As the roster has it.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// Where an invitation goes; empty for nowhere: they can't be invited until they have an address (R41).
    pub email: String,
    /// Until when they can accept the invitation that they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_until: Option<Instant>,
}

/// `POST /properties/{id}/invitations`: the residents to invite, at most 100 at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InviteResidents {
    /// Their tenancies.
    pub residents: Vec<TenancyId>,
}

/// What became of inviting several residents. No `Debug`: whoever has a link can set that person's password.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitedResidents {
    /// Who was invited.
    pub invited: Vec<InvitedResident>,
    /// Who couldn't be, and why.
    pub left_out: Vec<NotInvited>,
}

/// A resident who was invited, with their link, this once. No `Debug`, as with [`Invite`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitedResident {
    /// Their tenancy.
    pub id: TenancyId,
    /// As the roster has it.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// The address that they will sign in with.
    pub email: String,
    /// The link to hand over, as `/invitation#…` of this server.
    pub link: String,
    /// The same as a QR code, for those whom no mail was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_svg: Option<String>,
    /// What the sheet says that is printed for them, for those whom no mail was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<InvitationSheet>,
    /// When it stops working.
    pub expires_at: Instant,
    /// Whether it was sent by mail.
    pub mailed: bool,
}

/// The sentences of a sheet that is handed to a resident with their link, in the property's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationSheet {
    /// Which language that is.
    #[cfg_attr(feature = "openapi", schema(value_type = Language))]
    pub language: MaybeKnown<Language>,
    /// Which unit it is for.
    pub unit: String,
    /// What to do.
    pub intro: String,
    /// What the QR code is.
    pub qr: String,
    /// The address that they will sign in with.
    pub address: String,
    /// Until when the link works.
    pub until: String,
    /// What to do with somebody else's sheet.
    pub ignore: String,
}

/// A resident who couldn't be invited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotInvited {
    /// Their tenancy.
    pub id: TenancyId,
    /// Why: `not_found`, `already_active`, `no_address`.
    #[cfg_attr(feature = "openapi", schema(value_type = ProblemCode))]
    pub code: MaybeKnown<ProblemCode>,
}

/// `POST /password/forgot`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// The address to sign in with.
    pub email: String,
}

/// What the server can do about a forgotten password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailService {
    /// Whether this server sends mail at all. If it doesn't, an administrator or a manager makes a link and hands it over.
    pub mails: bool,
}

/// What is asked with the secret of a link. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// What follows the `#` of the link.
    pub token: String,
}

/// `POST /password/reset`. No `Debug`: it holds a password and a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// What follows the `#` of the link.
    pub token: String,
    /// The password to sign in with from now on: at least 12 characters.
    pub password: String,
}

/// Mail that didn't arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndeliveredMail {
    /// Whether it is given up. Otherwise it is still tried.
    pub bounced: bool,
    /// When it was written.
    pub since: Instant,
    /// What the mail server said, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

/// How sending mail goes, as managers and administrators see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailHealth {
    /// Whether this server sends mail at all.
    pub mails: bool,
    /// How much mail waits although it was tried.
    pub waiting: u32,
    /// When the oldest of it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
    /// What the mail server last said, or did, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

/// `POST /me/address`. No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddressChange {
    /// The new address.
    pub email: String,
    /// The password that one signs in with now; empty for who has none.
    pub password: String,
}

/// `POST /properties/{id}/residents/{resident_id}/address`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddressCorrection {
    /// The right address.
    pub email: String,
}

/// A role of a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffRole {
    /// `administrator`, `manager` or `support`.
    pub role: Role,
    /// What a manager manages; absent for the other roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_id: Option<PropertyId>,
}

/// `POST /people`: somebody new on the staff.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStaffMember {
    /// The person's name.
    pub name: String,
    /// The address they will sign in with.
    pub email: String,
    /// At least one.
    pub roles: Vec<StaffRole>,
}

/// `PATCH /people/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffMemberEdit {
    /// All their roles from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<StaffRole>>,
    /// Whether they are kept from signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// A member of the staff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffMember {
    /// The person's id.
    pub id: PersonId,
    /// The person's name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Their roles on the staff.
    pub roles: Vec<StaffRole>,
    /// How far they are on the way to signing in.
    #[cfg_attr(feature = "openapi", schema(value_type = AccountState))]
    pub state: MaybeKnown<AccountState>,
    /// When they were last seen signed in, to within a few minutes; absent if nowhere now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Instant>,
    /// The last mail to them, if it didn't arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<UndeliveredMail>,
}
