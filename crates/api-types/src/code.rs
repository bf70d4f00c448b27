//! Codes, without their digits, and where they are on the locks.

use ids::{CodeId, DoorId};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{Instant, MaybeKnown};

named! {
    /// How a resident's code came to be.
    pub enum CodeOrigin {
        /// Made by the server (R17).
        Random = "random",
        /// Picked by the resident in the mobile app (R1–R14).
        Custom = "custom",
    }
}

named! {
    /// The six statuses that people see (R26).
    pub enum PlacementStatus {
        /// On the lock.
        Working = "working",
        /// On its way to the lock.
        Sending = "sending",
        /// The lock or its hub is offline; it will be sent when they are back.
        Waiting = "waiting",
        /// The lock doesn't have it and won't without somebody's help.
        Failed = "failed",
        /// Being taken off the lock; it still opens the door.
        BeingRemoved = "being_removed",
        /// Not on the lock any more.
        Removed = "removed",
    }
}

named! {
    /// Which of the codes of one tenancy.
    pub enum WhichCode {
        /// The resident's current or last one.
        Current = "current",
        /// One that the resident had before that.
        Previous = "previous",
        /// A guest's.
        Guest = "guest",
    }
}

named! {
    /// How we know that a code is on a lock, or off it.
    pub enum Evidence {
        /// The lock said yes.
        Accepted = "accepted",
        /// It was read from the lock afterwards.
        ReadBack = "read_back",
    }
}

named! {
    /// Why a code isn't on a lock as it should be, or isn't off it.
    pub enum PlacementReason {
        /// The hub can't be reached, so nothing is known of its locks (R13).
        HubOffline = "hub_offline",
        /// The hub answers but can't reach the lock (R13).
        LockOffline = "lock_offline",
        /// The door has no lock yet that a hub drives (R35).
        NoLockLinked = "no_lock_linked",
        /// Every slot of the lock is taken.
        SlotsFull = "slots_full",
        /// The lock takes no codes of this length.
        LengthNotSupported = "length_not_supported",
        /// Another slot of the lock holds the same code (R11).
        DuplicateOnLock = "duplicate_on_lock",
        /// No answer came in time.
        TimedOut = "timed_out",
        /// The lock or the hub said no, for a reason that its protocol doesn't explain better.
        Rejected = "rejected",
        /// The lock can't do this at all.
        NotSupported = "not_supported",
        /// The hub knows no such lock.
        UnknownLock = "unknown_lock",
        /// The lock lost the code after it had been confirmed.
        LostByLock = "lost_by_lock",
        /// Somebody put another code into its slot, at the lock or its hub.
        ReplacedAtLock = "replaced_at_lock",
        /// The record of the code's digits is damaged.
        CodeUnreadable = "code_unreadable",
        /// None was given.
        Other = "other",
    }
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
    /// How we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Evidence>))]
    pub evidence: Option<MaybeKnown<Evidence>>,
    /// Why it is `waiting` or `failed`, or why a removal isn't confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PlacementReason>))]
    pub reason: Option<MaybeKnown<PlacementReason>>,
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
