//! What happens, as it happens: the events of `GET /events`.

use ids::{CodeId, DoorId, EventId, HubId, PropertyId, TenancyId};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{Evidence, GuestCodeState, Instant, MaybeKnown, PlacementStatus};

named! {
    /// What an event of `GET /events` is about.
    pub enum LiveKind {
        /// Where a code is on a lock, with `status` and `evidence` (R25, R26).
        Placement = "placement",
        /// A resident's days, or their code.
        Resident = "resident",
        /// A guest code, with its `state`.
        GuestCode = "guest_code",
        /// A lock, with `online`: whether it and its hub are.
        Lock = "lock",
        /// A hub, with `online`.
        Hub = "hub",
        /// A property: its name, its settings or its switch (R3).
        Property = "property",
        /// Buildings, units or doors of a property.
        Layout = "layout",
        /// Somebody looked at the digits of the code, which is the caller's own (R30).
        Reveal = "reveal",
        /// An event of the audit log was recorded.
        Audit = "audit",
        /// Something was missed: everything that is shown is to be read again.
        Reset = "reset",
        /// Nothing has happened, and the stream is alive.
        Alive = "alive",
        /// The caller's session is over, and with it the stream. Opening another is no use before signing in.
        SessionEnded = "session_ended",
        /// The session has opened so many newer streams that this one makes room for them. Opening it again at once would
        /// end another.
        Superseded = "superseded",
    }
}

/// The data of an event of `GET /events`: ids and statuses only, of what the caller may see at that moment (R32, R33).
/// `reset`, `alive`, `session_ended` and `superseded` have none of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveEvent {
    /// What it is about. A newer server may say others, which are to be ignored.
    #[cfg_attr(feature = "openapi", schema(value_type = LiveKind))]
    pub kind: MaybeKnown<LiveKind>,
    /// The property that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_id: Option<PropertyId>,
    /// The resident (a tenancy) that it concerns: for a code of theirs or of a guest of theirs too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_id: Option<TenancyId>,
    /// The code, which may be a guest's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_id: Option<CodeId>,
    /// The door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door_id: Option<DoorId>,
    /// The hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_id: Option<HubId>,
    /// The event of the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Of a placement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<PlacementStatus>,
    /// Since when a placement is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
    /// How we know where a placement is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Evidence>))]
    pub evidence: Option<MaybeKnown<Evidence>>,
    /// Of a guest code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<GuestCodeState>,
    /// Of a lock or a hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// Of a property.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_codes_enabled: Option<bool>,
}

impl LiveEvent {
    /// An event that says nothing but its kind.
    #[must_use]
    pub fn new(kind: LiveKind) -> Self {
        Self {
            kind: kind.into(),
            property_id: None,
            resident_id: None,
            code_id: None,
            door_id: None,
            hub_id: None,
            event_id: None,
            status: None,
            since: None,
            evidence: None,
            state: None,
            online: None,
            custom_codes_enabled: None,
        }
    }
}
