//! Doors and their locks.

use ids::{DoorId, HubId, LockId};
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::named::named;

named! {
    /// What a door is for.
    pub enum DoorKind {
        /// A unit's own.
        Unit = "unit",
        /// Gym, pool and the like.
        Amenity = "amenity",
        /// Gates, lobby.
        Property = "property",
    }
}

/// A door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Door {
    /// The door's id.
    pub id: DoorId,
    /// As people call it.
    pub name: String,
    /// What it is for.
    pub kind: DoorKind,
    /// The unit it belongs to, for unit doors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Since when its lock or the hub of that hasn't answered; absent while both do. A code for it waits (R29).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_since: Option<Instant>,
    /// It is retired, and its lock still holds a code (R24, R36); in a property's list only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// In a property's list only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
}

/// The lock on a door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lock {
    /// The lock's id.
    pub id: LockId,
    /// The hub that drives it.
    pub hub_id: HubId,
    /// The hub's name.
    pub hub_name: String,
    /// Both the lock and its hub answer.
    pub online: bool,
    /// Since when it is online or offline.
    pub since: Instant,
    /// Absent where the lock doesn't tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// Slots that hold a code.
    pub slots_used: u16,
    /// Slots the lock has.
    pub slots_total: u16,
    /// Slots that hold a code which isn't from here: it opens the door.
    pub unknown_codes: u16,
    /// Whether the door works.
    pub state: DoorState,
    /// Whether there is a lock, or this only stands for one that is to be linked (R35).
    pub linked: bool,
}

/// A battery is low at this percentage or less.
pub const LOW_BATTERY_PERCENT: u8 = 20;

named! {
    /// Whether a door works: one definition, for lists and counts alike.
    pub enum DoorState {
        /// Lock and hub answer, and the lock holds every code it should and none it shouldn't.
        Working = "working",
        /// The lock doesn't answer, or its hub doesn't.
        Offline = "offline",
        /// They answer, but the lock doesn't hold what it should (yet).
        Unsettled = "unsettled",
    }
}

/// `GET /properties/{id}/doors`: all doors of a property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hub {
    /// The hub's id.
    pub id: HubId,
    /// As people call it.
    pub name: String,
    /// It answers.
    pub online: bool,
    /// Since when it is online or offline.
    pub since: Instant,
    /// The doors whose locks it drives.
    pub doors: u32,
}
