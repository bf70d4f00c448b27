//! Hubs, the locks that they have, and the pages of doors (R25, R35).

use ids::{CodeId, DoorId, HubId, LockId, PropertyId};
use serde::{Deserialize, Deserializer, Serialize};

use crate::named::named;
use crate::{AuditEvent, Door, Evidence, Instant, MaybeKnown, PlacementReason, PlacementStatus};

named! {
    /// What a hub is.
    pub enum HubKind {
        /// A part of the demonstration.
        Simulated = "simulated",
        /// A server of Z-Wave JS.
        ZwaveJs = "zwave_js",
        /// Home Assistant, which comes later.
        HomeAssistant = "home_assistant",
    }
}

named! {
    /// The code lengths that a lock takes (R6).
    pub enum CodeLengths {
        /// Four digits only.
        Four = "four",
        /// Six digits only.
        Six = "six",
        /// Four digits and six.
        FourAndSix = "four_and_six",
    }
}

named! {
    /// How much a lock reveals of what its slots hold.
    pub enum ReadBack {
        /// The code itself.
        Digits = "digits",
        /// Whether a slot holds something.
        Occupancy = "occupancy",
        /// Nothing.
        None = "none",
    }
}

/// A hub as those see it who set up its property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedHub {
    /// The hub's id.
    pub id: HubId,
    /// The property.
    pub property_id: PropertyId,
    /// As people call it.
    pub name: String,
    /// What it is.
    #[cfg_attr(feature = "openapi", schema(value_type = HubKind))]
    pub kind: MaybeKnown<HubKind>,
    /// Where its server listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it is sent a token, which is never answered.
    pub has_token: bool,
    /// It answers.
    pub online: bool,
    /// Since when it is online or offline.
    pub since: Instant,
    /// What it last said that it is: its software and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// Why it won't talk to Latchkey, as it last said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The doors whose locks it drives.
    pub doors: u32,
    /// Former locks of doors that may still hold codes.
    pub former_locks: u32,
    /// The entity tag of this version, for `If-Match`.
    pub etag: String,
}

/// `GET /properties/{id}/hubs`: all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedHubs {
    /// By name.
    pub items: Vec<ManagedHub>,
}

/// `POST /properties/{id}/hubs`. No `Debug`: it may hold a token.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewHub {
    /// What it is: `zwave_js`.
    pub kind: HubKind,
    /// As people are to call it.
    pub name: String,
    /// Where its server listens: `wss://…`, or `ws://…` on the machine of Latchkey itself.
    pub url: String,
    /// What it, or the proxy before it, wants to see. It is kept sealed and never answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// `PATCH /hubs/{id}`. What is left out stays as it is. No `Debug`: it may hold a token.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HubEdit {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where its server listens from now on. A token has to be given anew with it, or it is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Another token; `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub token: Option<Option<String>>,
}

/// What is given, be it `null`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

named! {
    /// What came of asking a hub.
    pub enum HubTestResult {
        /// It answered.
        Answered = "answered",
        /// It can't be reached.
        Offline = "offline",
        /// It is there, but won't talk to Latchkey.
        Rejected = "rejected",
        /// It didn't answer in time.
        TimedOut = "timed_out",
        /// This server doesn't connect to hubs of its kind.
        NotSupported = "not_supported",
    }
}

/// `POST /hubs/{id}/test`: the hub was asked now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HubTest {
    /// What came of it.
    #[cfg_attr(feature = "openapi", schema(value_type = HubTestResult))]
    pub result: MaybeKnown<HubTestResult>,
    /// Its software and version, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// How many locks it has, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locks: Option<u32>,
    /// What it said, if it won't talk to Latchkey; without anything that could be a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// How it went, in a sentence.
    pub detail: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
}

/// What a lock can do, as far as its hub has told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LockAbilities {
    /// Slots that it has.
    pub slots: u16,
    /// The code lengths that it takes.
    #[cfg_attr(feature = "openapi", schema(value_type = CodeLengths))]
    pub lengths: MaybeKnown<CodeLengths>,
    /// How much it reveals of what its slots hold.
    #[cfg_attr(feature = "openapi", schema(value_type = ReadBack))]
    pub read_back: MaybeKnown<ReadBack>,
    /// Whether it can enforce a code's times by itself.
    pub schedules: bool,
}

/// One of the locks that a hub has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundLock {
    /// What names it at the hub, to link it by.
    pub hub_lock: String,
    /// What people would know it by: its name or place at the hub, or its number there.
    pub name: String,
    /// Its maker and model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The hub can reach it.
    pub online: bool,
    /// What is left of its battery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// What it can do; absent while the hub is still finding that out. It can be linked once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abilities: Option<LockAbilities>,
    /// Whether it is linked to a door, be it one of another property.
    pub linked: bool,
    /// That door, if it is one of this property.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<LinkedDoor>,
}

/// The door that a lock is linked to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkedDoor {
    /// The door's id.
    pub id: DoorId,
    /// The door's name.
    pub name: String,
    /// The door has another lock since, or none, and codes are being taken off this one (R24).
    pub former: bool,
}

/// `GET /hubs/{id}/locks`: all of them, as the hub knows them now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundLocks {
    /// The hub.
    pub hub: ManagedHub,
    /// By name.
    pub items: Vec<FoundLock>,
}

/// `PUT /doors/{id}/lock`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkLock {
    /// The hub that has the lock.
    pub hub_id: HubId,
    /// What names the lock there.
    pub hub_lock: String,
}

/// A lock of a door, current or former.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DoorLock {
    /// The lock's id.
    pub id: LockId,
    /// The hub that drives it.
    pub hub_id: HubId,
    /// The hub's name.
    pub hub_name: String,
    /// What names it at the hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_lock: Option<String>,
    /// Its maker and model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Both the lock and its hub answer.
    pub online: bool,
    /// The hub answers.
    pub hub_online: bool,
    /// Since when it is online or offline.
    pub since: Instant,
    /// What is left of its battery, as it last reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// What its battery was, each change, oldest first.
    pub battery: Vec<BatteryReading>,
    /// Slots that it has.
    pub slots_total: u16,
    /// What it can do, if the hub told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abilities: Option<LockAbilities>,
    /// Since when the door has another lock, or none; absent for its lock now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_since: Option<Instant>,
    /// Slots that hold a code of ours, or are reserved for one.
    pub slots: Vec<LockSlot>,
    /// Codes that are to go on it and have no slot yet.
    pub waiting: Vec<LockSlot>,
    /// Slots that hold a code that isn't ours; they are left alone.
    pub unknown_codes: Vec<UnknownCode>,
}

/// What a lock reported of its battery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatteryReading {
    /// When.
    pub at: Instant,
    /// What was left, 0 to 100.
    pub percent: u8,
}

/// A code of ours at a lock (R25).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LockSlot {
    /// The slot, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u16>,
    /// Which code; absent for administrators, who see whose codes there are nowhere (R34).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_id: Option<CodeId>,
    /// Whose code it is: the resident's or the guest's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// It is a guest's.
    pub guest: bool,
    /// The resident, as in the list of residents, for a resident's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_id: Option<ids::TenancyId>,
    /// One of the six statuses (R26).
    pub state: PlacementStatus,
    /// Since when it has that status; for `waiting`, since when the lock or hub is offline.
    pub since: Instant,
    /// When the lock confirmed that it has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Instant>,
    /// How we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Evidence>))]
    pub evidence: Option<MaybeKnown<Evidence>>,
    /// Why it isn't as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PlacementReason>))]
    pub reason: Option<MaybeKnown<PlacementReason>>,
    /// What to do about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// How often it was tried; for support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// What the lock's protocol said; for support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_error: Option<String>,
}

/// A slot that holds a code that isn't ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownCode {
    /// The slot.
    pub slot: u16,
    /// Since when it has been seen there.
    pub since: Instant,
}

/// `GET /doors/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DoorDetails {
    /// The door, as in its property's list.
    pub door: Door,
    /// The property.
    pub property_id: PropertyId,
    /// The building that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// Its lock; absent where none is linked (R35).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<DoorLock>,
    /// Codes that wait for a lock to be linked.
    pub waiting: Vec<LockSlot>,
    /// Locks that it had before and that may still hold codes (R24), newest first.
    pub former_locks: Vec<DoorLock>,
    /// What happened here, newest first: as much of it as fits on the page. Nothing for administrators.
    pub events: Vec<AuditEvent>,
    /// Whether the one who asks may link, exchange and unlink its lock.
    pub may_link: bool,
    /// The entity tag of this version, for `If-Match`.
    pub etag: String,
}

/// `POST /doors/{id}/send-again` and `POST /codes/{id}/send-again`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentAgain {
    /// How many codes are tried again now, each once for every lock.
    pub codes: u32,
}

/// `POST /doors/{id}/former-locks/{lock_id}/confirm-gone`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmGone {
    /// How somebody made sure that the lock opens nothing any more. It is recorded. At most 200 characters.
    pub reason: String,
}
