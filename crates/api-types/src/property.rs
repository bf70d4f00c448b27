//! Properties.

use ids::{CodeId, DoorId, HubId, PersonId, PropertyId, TenancyId};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{Hub, Instant, Language, MaybeKnown, PlacementReason, PlacementStatus};

/// A property as its managers and support see it. The `ETag` header goes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Property {
    /// The property's id.
    pub id: PropertyId,
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
    /// How many guest codes that are scheduled or live the residents of a unit may have.
    pub guest_codes_per_unit: u32,
    /// How long before a window begins a guest code may be sent to locks, which can't wait for it themselves, in minutes (R44).
    pub guest_code_lead_minutes: u32,
    /// Whom residents and their guests write to when something doesn’t work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// Whom they call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_phone: Option<String>,
    /// The language of letters and sheets to residents and guests who have chosen none; absent: that of who has them written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Language>))]
    pub language: Option<MaybeKnown<Language>>,
    /// When its managers are mailed what needs attention, as in `08:00` there; absent where they aren't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_at: Option<String>,
    /// Whether the manager who asks gets that mail; absent for anybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_for_me: Option<bool>,
    /// Whether every step of setting it up is done: `GET /properties/{id}/setup` has them one by one.
    pub set_up: bool,
    /// How many of what.
    pub counts: PropertyCounts,
    /// Hubs and locks.
    pub health: PropertyHealth,
}

named! {
    /// A step of setting up a property, in the order in which they are usually done.
    pub enum SetupStep {
        /// Whom residents turn to.
        Contact = "contact",
        /// Buildings, units and doors.
        Layout = "layout",
        /// A lock for each door (R35).
        Locks = "locks",
        /// A manager who can sign in.
        Manager = "manager",
        /// The residents.
        Residents = "residents",
    }
}

/// How far a step of setting up a property is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupState {
    /// The step.
    #[cfg_attr(feature = "openapi", schema(value_type = SetupStep))]
    pub step: MaybeKnown<SetupStep>,
    /// Whether nothing is left to do.
    pub done: bool,
    /// How it is, in a sentence.
    pub detail: String,
    /// How many doors are still without a lock, for that step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// What stands for the hub of those doors, as the list of doors is filtered by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_id: Option<HubId>,
}

/// `GET /properties/{id}/setup`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setup {
    /// Every step, done or not.
    pub steps: Vec<SetupState>,
}

/// `POST /properties`: a property to add (R34).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewProperty {
    /// As people call it.
    pub name: String,
    /// IANA name, as in `America/Denver`.
    pub time_zone: String,
    /// Whom residents write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// Whom residents call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_phone: Option<String>,
    /// The language of letters and sheets to residents and guests who have chosen none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whoever adds it manages it too.
    #[serde(default)]
    pub manage: bool,
}

/// Who changed something, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changed {
    /// When.
    pub at: Instant,
    /// The person's id.
    pub by_id: PersonId,
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
    /// The same, by the worst of each one's statuses on the locks.
    pub guest_codes: LiveGuestCodes,
}

/// Live guest codes, each counted once, by the worst of its statuses on the locks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveGuestCodes {
    /// They open all of their doors now.
    pub working: u32,
    /// On their way to a lock.
    pub sending: u32,
    /// A lock or its hub is offline.
    pub waiting: u32,
    /// A lock doesn't have it and won't without somebody's help.
    pub failed: u32,
    /// Being taken off a lock.
    pub being_removed: u32,
    /// On no lock: between two windows.
    pub removed: u32,
}

/// A [`Property`] as far as all pages of the console but its overview need it. They all have the code that reads it, so it
/// is no larger than that.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
pub struct PropertyInBrief {
    /// The property's id.
    pub id: PropertyId,
    /// As people call it.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// Whether residents may pick their own codes (R3).
    pub custom_codes_enabled: bool,
    /// Delivery codes may open unit doors too (R20).
    pub delivery_opens_unit_doors: bool,
    /// Its units and residents.
    pub counts: CountsInBrief,
    /// Its hubs and locks.
    pub health: HealthInBrief,
}

/// Some of [`PropertyCounts`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
pub struct CountsInBrief {
    /// Units.
    pub units: u32,
    /// Residents with a current tenancy.
    pub residents: u32,
}

/// Some of [`PropertyHealth`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
pub struct HealthInBrief {
    /// Whether each hub answers.
    pub hubs: Vec<HubInBrief>,
    /// Doors with a lock.
    pub doors: u32,
    /// Doors that work.
    pub doors_in_order: u32,
    /// One for each thing that needs attention.
    pub needs: Vec<NeedInBrief>,
}

/// Whether a hub answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
pub struct HubInBrief {
    /// It answers.
    pub online: bool,
}

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
pub struct NeedInBrief {
    /// The doors concerned.
    pub doors: u32,
}

impl From<&Property> for PropertyInBrief {
    fn from(property: &Property) -> Self {
        let Property { counts, health, .. } = property;
        Self {
            id: property.id,
            name: property.name.clone(),
            time_zone: property.time_zone.clone(),
            custom_codes_enabled: property.custom_codes_enabled,
            delivery_opens_unit_doors: property.delivery_opens_unit_doors,
            counts: CountsInBrief { units: counts.units, residents: counts.residents },
            health: HealthInBrief {
                hubs: health.hubs.iter().map(|hub| HubInBrief { online: hub.online }).collect(),
                doors: health.doors,
                doors_in_order: health.doors_in_order,
                needs: health.needs.iter().map(|need| NeedInBrief { doors: need.doors }).collect(),
            },
        }
    }
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
    /// Doors that work ([`crate::DoorState::Working`]): lock and hub answer, and the lock holds what it should.
    pub doors_in_order: u32,
    /// Locks that don't answer, or whose hub doesn't.
    pub locks_offline: u32,
    /// Doors whose lock answers but doesn't hold what it should.
    pub doors_unsettled: u32,
    /// Placements that wait for a lock.
    pub waiting: u32,
    /// Placements that failed.
    pub failed: u32,
    /// Codes that should be off a lock and aren't confirmed to be (R24).
    pub removals_unconfirmed: u32,
    /// What needs attention, grouped by cause, worst first.
    pub needs: Vec<Need>,
    /// The codes that those are about, one for each lock, worst first; at most 20.
    pub needs_you: Vec<NeedsYou>,
    /// How many things `needs_you` would hold without its limit.
    pub needs_you_total: u32,
}

named! {
    /// Why something needs attention.
    pub enum NeedCause {
        /// A hub doesn't answer.
        HubOffline = "hub_offline",
        /// A lock doesn't answer, though its hub does.
        LockOffline = "lock_offline",
        /// Locks refuse codes, for one reason.
        Failed = "failed",
        /// Locks that answer don't confirm removals, for one reason (R24).
        NotRemoved = "not_removed",
        /// Locks hold codes that aren't from here: they open their doors.
        UnknownCodes = "unknown_codes",
        /// Locks' batteries are low.
        BatteryLow = "battery_low",
    }
}

/// One cause, with what it concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Need {
    /// The cause.
    pub cause: NeedCause,
    /// The hub that is offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_id: Option<HubId>,
    /// The door whose lock is offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door_id: Option<DoorId>,
    /// The name of that hub or door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why codes failed or weren't removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PlacementReason>))]
    pub reason: Option<MaybeKnown<PlacementReason>>,
    /// Since when.
    pub since: Instant,
    /// The doors concerned.
    pub doors: u32,
    /// The codes concerned, worst first.
    pub codes: Vec<NeedCodes>,
}

/// How many codes of one kind have one status for one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NeedCodes {
    /// Their status on a lock: `being_removed`, `failed` or `waiting`.
    pub status: PlacementStatus,
    /// Whose codes.
    pub of: NeedOf,
    /// How many residents, or guest codes.
    pub count: u32,
}

named! {
    /// Whose codes.
    pub enum NeedOf {
        /// Somebody who has moved out.
        FormerResident = "former_resident",
        /// A resident.
        Resident = "resident",
        /// A guest.
        Guest = "guest",
    }
}

/// One code on one lock that somebody must see to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NeedsYou {
    /// Where.
    pub door_id: DoorId,
    /// The door's name.
    pub door_name: String,
    /// The door's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The code it is about.
    pub code_id: CodeId,
    /// It is a guest's code.
    pub guest: bool,
    /// Whose code: the resident's or guest's name.
    pub holder: String,
    /// The resident, for a resident's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_id: Option<TenancyId>,
    /// The resident has moved out.
    pub former: bool,
    /// The resident has another code since.
    pub previous: bool,
    /// Its status on that lock.
    pub status: PlacementStatus,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PlacementReason>))]
    pub reason: Option<MaybeKnown<PlacementReason>>,
    /// What to do, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Since when.
    pub since: Instant,
}

/// `PATCH /properties/{id}`: what is given is changed, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PropertyEdit {
    /// Switches the feature (R3); for managers. Never changes a code that exists (R12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_codes_enabled: Option<bool>,
    /// As people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whom residents and their guests write to; empty for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// Whom they call; empty for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_phone: Option<String>,
    /// How many guest codes that are scheduled or live the residents of a unit may have: 0 to 1000. Fewer than a unit has
    /// revokes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_codes_per_unit: Option<u32>,
    /// How long before a window begins a guest code may be sent to locks, in minutes: 0 to 120 (R44). It holds for those that
    /// are issued already, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_code_lead_minutes: Option<u32>,
    /// Whether delivery codes may open unit doors too (R20). Never changes a code that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_opens_unit_doors: Option<bool>,
    /// When its managers are mailed what needs attention, as in `08:00` there; empty for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_at: Option<String>,
    /// The language of letters and sheets to residents and guests who have chosen none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// `PUT /properties/{id}/summary`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SummaryChoice {
    /// Whether one wants it.
    pub wanted: bool,
}
