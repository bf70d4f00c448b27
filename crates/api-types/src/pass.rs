//! Guest passes: links by which guests see their codes without signing in.
//!
//! A link is `<origin>/pass#<secret>`. What is after the `#` is never sent to a server by a browser, so that the secret is
//! in no log; the page sends it in a body. It stands for the guest code, and holds no digits.

use ids::ShareId;
use serde::{Deserialize, Serialize};

use crate::{DoorKind, GuestCodeKind, GuestCodeState, Instant, Recurrence, UndeliveredMail, Window};

/// `POST /guest-codes/{id}/share`; may be left out by whoever issued the code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShareRequest {
    /// Why; a manager must say for a code that somebody else issued, as to reveal it (R30). At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The guest's address, to send the link there by mail too. It is kept only as long as the mail is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A link that was just made: its secret is in it this once. No `Debug`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewShare {
    /// The link's id, by which it is revoked.
    pub id: ShareId,
    /// What to hand to the guest; whoever has it sees the code while it is live.
    pub url: String,
    /// The same as a QR code: a whole `<svg>`, black on white with its quiet zone, without scripts or styles.
    pub qr_svg: String,
    /// When the link is over with its code; absent for a permanent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// Whether it is on its way to the guest by mail.
    pub mailed: bool,
}

/// A link that is good. Never its secret, which nobody has but whom it was given to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    /// The link's id, by which it is revoked.
    pub id: ShareId,
    /// When it was made.
    pub created_at: Instant,
    /// The name of who made it.
    pub created_by: String,
    /// How often it was opened.
    pub opened_count: u32,
    /// When last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_opened_at: Option<Instant>,
    /// What became of the mail that it went by, if it did and for as long as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<ShareMail>,
}

/// The mail that a link went by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareMail {
    /// Where it went.
    pub to: String,
    /// Whether the mail server has taken it.
    pub sent: bool,
    /// Why it hasn't arrived, if it was refused or still waits although it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<UndeliveredMail>,
}

/// `GET /guest-codes/{id}/shares`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shares {
    /// Newest first; none once the guest code is over.
    pub items: Vec<Share>,
}

/// `POST /pass`, `POST /pass/state` and `POST /pass/reveal`. No `Debug`: it holds a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PassRequest {
    /// What is after the `#` of the link.
    pub secret: String,
}

/// What a guest sees of their code: never its digits, and no ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestPass {
    /// Where it is for.
    pub property: PassProperty,
    /// Whom it is for.
    pub guest_name: String,
    /// Which kind.
    pub kind: GuestCodeKind,
    /// `scheduled` or `live`: a pass that is over can't be opened.
    pub state: GuestCodeState,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// When it ends; absent for a permanent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// For recurring ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// The next windows, at most five, not yet over; the first may be open now.
    pub next_windows: Vec<Window>,
    /// The doors it opens.
    pub doors: Vec<PassDoor>,
    /// 4 or 6 digits.
    pub length: u8,
    /// The name of the person who shared it, whom to ask.
    pub shared_by: String,
    /// Incremented when somebody changes when it opens (R43): a pass of another version is to be opened again.
    pub version: u32,
    /// The coming windows as an iCalendar file (RFC 5545), without digits; absent where none of them ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

/// `POST /pass/state`: what can change on a pass that is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassState {
    /// `scheduled` or `live`.
    pub state: GuestCodeState,
    /// The next windows, at most five, not yet over; the first may be open now.
    pub next_windows: Vec<Window>,
    /// The version of the pass now.
    pub version: u32,
    /// For each door of the pass, in its order: its lock has the code now.
    pub working: Vec<bool>,
    /// For each door: its lock has the code or may still have it.
    pub opens: Vec<bool>,
}

/// The property of a pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassProperty {
    /// As people call it.
    pub name: String,
    /// The IANA time zone in which to show the times.
    pub time_zone: String,
    /// Whom to write to when something doesn’t work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// Whom to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_phone: Option<String>,
}

/// A door of a pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassDoor {
    /// As people call it.
    pub name: String,
    /// What it is for.
    pub kind: DoorKind,
    /// Its lock has the code now. A lock has it while a window is open and, as its property has it, shortly before (R44).
    pub working: bool,
    /// Its lock has the code or may still have it, so that it opens the door whatever the windows say.
    pub opens: bool,
}
