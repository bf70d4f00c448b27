//! Properties.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Hub, Instant, PlacementStatus};

/// A property as its managers and support see it. The `ETag` header goes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Property {
    /// The property's id.
    pub id: Uuid,
    /// As people call it.
    pub name: String,
    /// IANA name, as in `America/Denver`.
    pub time_zone: String,
    /// Residents may pick their own code in the app (R3).
    pub custom_codes_enabled: bool,
    /// Who switched that last; absent while it was never touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_codes_changed: Option<Changed>,
    /// Delivery codes may open unit doors too (R20).
    pub delivery_opens_unit_doors: bool,
    /// How many of what.
    pub counts: PropertyCounts,
    /// Hubs and locks.
    pub health: PropertyHealth,
}

/// Who changed something, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changed {
    /// When.
    pub at: Instant,
    /// The person's id.
    pub by_id: Uuid,
    /// The person's name.
    pub by: String,
}

/// How many of what a property has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PropertyCounts {
    /// Units, let or not.
    pub units: u32,
    /// Current residents.
    pub residents: u32,
    /// Residents whose app, when last seen, was new enough for custom codes (R4).
    pub residents_app_ready: u32,
    /// Residents whose app, when last seen, was too old.
    pub residents_app_too_old: u32,
    /// Residents who never signed in to the app.
    pub residents_without_app: u32,
    /// Residents whose code is custom now (R12).
    pub custom_codes: u32,
    /// Guest codes that are live now.
    pub guest_codes_live: u32,
}

/// The state of a property's hubs and locks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PropertyHealth {
    /// Each hub.
    pub hubs: Vec<Hub>,
    /// Doors with a lock.
    pub doors: u32,
    /// Doors whose lock holds every code it should and none it shouldn't.
    pub doors_in_order: u32,
    /// Locks that don't answer, or whose hub doesn't.
    pub locks_offline: u32,
    /// Placements that wait for a lock.
    pub waiting: u32,
    /// Placements that failed.
    pub failed: u32,
    /// Codes that should be off a lock and aren't confirmed to be (R24).
    pub removals_unconfirmed: u32,
    /// What somebody must do, worst first; at most 20.
    pub needs_you: Vec<NeedsYou>,
    /// How many things `needs_you` would hold without its limit.
    pub needs_you_total: u32,
}

/// One thing that somebody must see to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NeedsYou {
    /// Where.
    pub door_id: Uuid,
    /// The door's name.
    pub door_name: String,
    /// The door's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The code it is about.
    pub code_id: Uuid,
    /// It is a guest's code.
    pub guest: bool,
    /// Whose code: the resident's or guest's name.
    pub holder: String,
    /// Its status on that lock.
    pub status: PlacementStatus,
    /// Why, `snake_case`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Since when.
    pub since: Instant,
}

/// `PATCH /properties/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PropertyEdit {
    /// Switches the feature (R3). Never changes a code that exists (R12).
    pub custom_codes_enabled: bool,
}
