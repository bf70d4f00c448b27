//! Codes, without their digits, and where they are on the locks.

use ids::{CodeId, DoorId};
use serde::{Deserialize, Serialize};

use crate::Instant;

/// How a resident's code came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeOrigin {
    /// Made by the server (R17).
    Random,
    /// Picked by the resident in the mobile app (R1–R14).
    Custom,
}

/// The six statuses that people see (R26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlacementStatus {
    /// On the lock.
    Working,
    /// On its way to the lock.
    Sending,
    /// The lock or its hub is offline; it will be sent when they are back.
    Waiting,
    /// The lock doesn't have it and won't without somebody's help.
    Failed,
    /// Being taken off the lock; it still opens the door.
    BeingRemoved,
    /// Not on the lock any more.
    Removed,
}

impl PlacementStatus {
    /// All of them, in the order of R26.
    pub const ALL: [Self; 6] =
        [Self::Working, Self::Sending, Self::Waiting, Self::Failed, Self::BeingRemoved, Self::Removed];

    /// The name on the wire and in filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::BeingRemoved => "being_removed",
            Self::Removed => "removed",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Which of the codes of one tenancy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhichCode {
    /// The resident's current or last one.
    Current,
    /// One that the resident had before that.
    Previous,
    /// A guest's.
    Guest,
}

/// What is (R25): one code on one door's lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Placement {
    /// The door it opens.
    pub door_id: DoorId,
    /// The door's name, so that a list needs no second look-up.
    pub door_name: String,
    /// Which code it is, in lists with several codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub which: Option<WhichCode>,
    /// The guest's name, where it is a guest's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_name: Option<String>,
    /// One of the six (R26).
    pub status: PlacementStatus,
    /// Since when it has this status; for `waiting`, since when the lock or hub is offline.
    pub since: Instant,
    /// How we know: `accepted` (the lock said yes) or `read_back` (read from the lock afterwards).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Why it is `waiting` or `failed`, or why a removal isn't confirmed: stable, `snake_case`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a person can do about it, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Support only: the lock's slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u16>,
    /// Support only: how often it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Support only: what the lock's protocol answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_error: Option<String>,
}

/// A resident's code. Never with digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Code {
    /// The code's id; revealing names it.
    pub id: CodeId,
    /// Random or custom.
    pub origin: CodeOrigin,
    /// 4 or 6 digits.
    pub length: u8,
    /// The worst of its placements, worst first: failed, waiting, being removed, sending, working, removed.
    pub status: PlacementStatus,
    /// When the resident's code became this one.
    pub changed_at: Instant,
    /// One for each door it opens.
    pub placements: Vec<Placement>,
}

/// `POST /codes/{id}/reveal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Why; a manager must say (R30). The resident sees it. At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The digits, for a short while. No `Debug`: nothing may print it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevealedCode {
    /// The digits.
    pub code: String,
    /// Hide them again after so many seconds (R30).
    pub hide_after_s: u32,
}

/// One time somebody looked at a code (R30).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reveal {
    /// When.
    pub at: Instant,
    /// Who, by name.
    pub by: String,
    /// As what: `resident` or `manager`.
    pub role: crate::Role,
    /// The reason a manager gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `GET /codes/{id}/reveals`, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reveals {
    /// Newest first.
    pub items: Vec<Reveal>,
}
