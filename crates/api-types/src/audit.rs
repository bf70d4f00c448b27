//! The record (R31).

use ids::{CauseId, EventId, PersonId, PropertyId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::named::named;
use crate::{Action, ChecklistItem, Instant, MaybeKnown, Role, Said};

named! {
    /// How an action ended.
    pub enum Outcome {
        /// It happened.
        Done = "done",
        /// A rule refused it.
        Refused = "refused",
        /// It was allowed and didn't work.
        Failed = "failed",
    }
}

named! {
    /// Where a request came from. Belongs to the credential, never to a header.
    pub enum ChannelKind {
        /// The console.
        Web = "web",
        /// The resident app.
        Mobile = "mobile",
        /// Latchkey itself.
        System = "system",
    }
}

named! {
    /// What the resident app runs on.
    pub enum Platform {
        /// An iPhone or iPad.
        Ios = "ios",
        /// An Android phone or tablet.
        Android = "android",
    }
}

named! {
    /// As what somebody acted.
    pub enum ActorRole {
        /// A manager.
        Manager = "manager",
        /// A resident.
        Resident = "resident",
        /// Support.
        Support = "support",
        /// An administrator.
        Administrator = "administrator",
        /// Somebody with a link to their guest code.
        Guest = "guest",
        /// Latchkey itself.
        System = "system",
        /// Somebody who isn't signed in.
        Unknown = "unknown",
    }
}

impl From<Role> for ActorRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Manager => Self::Manager,
            Role::Resident => Self::Resident,
            Role::Support => Self::Support,
            Role::Administrator => Self::Administrator,
        }
    }
}

named! {
    /// What was acted on.
    pub enum SubjectKind {
        /// A property.
        Property = "property",
        /// A building.
        Building = "building",
        /// A unit.
        Unit = "unit",
        /// A door.
        Door = "door",
        /// A hub.
        Hub = "hub",
        /// A resident: somebody's tenancy of a unit.
        Resident = "resident",
        /// A person, whatever they may do.
        Person = "person",
        /// A resident's code.
        Code = "code",
        /// A guest code.
        GuestCode = "guest_code",
        /// A roster.
        Roster = "roster",
        /// A session.
        Session = "session",
        /// A page or an operation of the API.
        Route = "route",
        /// The log itself.
        Audit = "audit",
    }
}

/// The channel, with the app's platform and version for mobile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    /// Web, mobile or system.
    pub kind: ChannelKind,
    /// What the app runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Platform>))]
    pub platform: Option<MaybeKnown<Platform>>,
    /// As declared at the mobile sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actor {
    /// Absent for the system and for unknown people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<PersonId>,
    /// The person's name then, `system` or `unknown`.
    pub name: String,
    /// As what they acted.
    #[cfg_attr(feature = "openapi", schema(value_type = ActorRole))]
    pub role: MaybeKnown<ActorRole>,
}

/// What was acted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    /// What it is.
    #[cfg_attr(feature = "openapi", schema(value_type = SubjectKind))]
    pub kind: MaybeKnown<SubjectKind>,
    /// Absent where there is none (an unknown email at sign-in).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its name then.
    pub name: String,
}

/// What an event's sentence and its subject's name say, as data, for programs that say it in other words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facts {
    /// Whose code or tenancy the subject is: a resident's or guest's name then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What the sentence says. Absent where only the sentence has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Said>))]
    pub said: Option<MaybeKnown<Said>>,
    /// The sentence's values, in the order that [`Said`] documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// One event of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// The event's id.
    pub id: EventId,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// From where.
    pub channel: Channel,
    /// Dotted, as in `guest_code.issued`.
    #[cfg_attr(feature = "openapi", schema(value_type = Action))]
    pub action: MaybeKnown<Action>,
    /// The property it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_id: Option<PropertyId>,
    /// On what.
    pub subject: Subject,
    /// How it ended.
    pub outcome: Outcome,
    /// The refusal's or failure's stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A sentence.
    pub detail: String,
    /// What it says, as data. Absent from what was recorded before there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// What it came of: the events of one request have the same cause, and so has what happened on the locks because of
    /// it. Absent from what was recorded before there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseId>,
    /// What belongs to it, in a list that is grouped (`grouped`); absent where nothing does. `GET /audit/{id}/parts` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<EventParts>,
    /// For refusals by policy: every condition as it was then (R14).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<ChecklistItem>,
    /// SHA-256 over the event and the hash before it, in hex.
    pub hash: String,
}

/// What belongs to an event: what came of the same thing at the same property later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventParts {
    /// How many events.
    pub count: u32,
    /// How they ended: the worst of what last happened to each subject at each door.
    pub outcome: Outcome,
    /// Whether any of that waits for a lock or hub that is offline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waiting: bool,
}

/// `GET /audit/verify`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditVerification {
    /// Events checked.
    pub events: u64,
    /// The newest event's hash.
    pub head: String,
    /// Every hash is right.
    pub intact: bool,
    /// The first event whose hash is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_broken: Option<EventId>,
}
