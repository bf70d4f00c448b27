//! Audit events: new ones to append, and recorded ones.

use api_types::{
    Action, Actor, ActorRole, Channel, ChannelKind, ChecklistItem, Facts, MaybeKnown, Outcome, Said, Subject,
};
use ids::{CauseId, DoorId, EventId, PropertyId, TenancyId};
use rusqlite::Row;

use crate::Millis;
use crate::sql::{Columns, FromRow, Json, Moment, Named, NamedIfKnown};

/// An event to append. It must not hold digits of a code (R32).
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Who.
    pub actor: Actor,
    /// The channel the actor used.
    pub channel: Channel,
    /// What was done.
    pub action: Action,
    /// The property it belongs to, if any.
    pub property_id: Option<PropertyId>,
    /// What was acted on.
    pub subject: Subject,
    /// The tenancy it concerns, if any.
    pub resident_id: Option<TenancyId>,
    /// The door it concerns, if any.
    pub door_id: Option<DoorId>,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of a refusal or failure.
    pub code: Option<String>,
    /// What happened, as a sentence.
    pub detail: String,
    /// What the sentence and the subject's name say, as data.
    pub facts: Facts,
    /// What it came of; the deed that records it, if absent.
    pub cause: Option<CauseId>,
    /// Every condition as it stood (R14); empty where no policy was consulted.
    pub checklist: Vec<ChecklistItem>,
}

impl NewEvent {
    /// A successful `action` by `actor` on `subject`, with nothing else filled in.
    pub fn done(actor: Actor, channel: Channel, action: Action, subject: Subject) -> Self {
        Self {
            actor,
            channel,
            action,
            property_id: None,
            subject,
            resident_id: None,
            door_id: None,
            outcome: Outcome::Done,
            code: None,
            detail: String::new(),
            facts: Facts::default(),
            cause: None,
            checklist: Vec::new(),
        }
    }

    /// Says something: as data, and as the sentence that is recorded with it.
    pub fn say<const N: usize>(&mut self, said: Said, values: [&str; N], detail: impl Into<String>) {
        self.facts.said = Some(said.into());
        self.facts.values = values.map(str::to_owned).into();
        self.detail = detail.into();
    }

    /// Whose code or tenancy the subject is.
    pub fn is_of(&mut self, person: &str, unit: Option<&str>) {
        self.facts.person = Some(person.to_owned());
        self.facts.unit = unit.map(str::to_owned);
    }
}

/// The actor for what Latchkey does on its own.
pub fn system_actor() -> Actor {
    Actor { id: None, name: ActorRole::System.name().into(), role: ActorRole::System.into() }
}

/// The channel for what Latchkey does on its own.
pub fn system_channel() -> Channel {
    Channel { kind: ChannelKind::System, platform: None, app_version: None }
}

/// A recorded event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// The event's id.
    pub id: EventId,
    /// When.
    pub at: Millis,
    /// Who.
    pub actor: Actor,
    /// The channel the actor used.
    pub channel: Channel,
    /// What was done; what a newer program recorded may not be known here.
    pub action: MaybeKnown<Action>,
    /// The property it belongs to, if any.
    pub property_id: Option<PropertyId>,
    /// What was acted on.
    pub subject: Subject,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of a refusal or failure.
    pub code: Option<String>,
    /// What happened, as a sentence.
    pub detail: String,
    /// What that says, as data; older events have none.
    pub facts: Option<Facts>,
    /// What it came of; older events have none.
    pub cause: Option<CauseId>,
    /// Every condition as it stood (R14); empty where no policy was consulted.
    pub checklist: Vec<ChecklistItem>,
    /// The event's hash, its link in the chain.
    pub hash: Vec<u8>,
}

impl FromRow for EventRecord {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns::of(row);
        let (id, Moment(at)) = (columns.get("id")?, columns.get("at")?);
        let (actor_id, name) = (columns.get("actor_id")?, columns.get("actor_name")?);
        let NamedIfKnown(role) = columns.get("actor_role")?;
        let actor = Actor { id: actor_id, name, role };
        let (Named(kind), NamedIfKnown(platform)) = (columns.get("channel")?, columns.get("platform")?);
        let channel = Channel { kind, platform, app_version: columns.get("app_version")? };
        let (NamedIfKnown(action), property_id) = (columns.get("action")?, columns.get("property_id")?);
        let NamedIfKnown(kind) = columns.get("subject_kind")?;
        let subject = Subject { kind, id: columns.get("subject_id")?, name: columns.get("subject_name")? };
        let Named(outcome) = columns.get("outcome")?;
        let (code, detail, Json(checklist)) = (columns.get("code")?, columns.get("detail")?, columns.get("checklist")?);
        let hash = columns.get("hash")?;
        let (Json(facts), cause) = (columns.get("facts")?, columns.get("cause")?);
        Ok(Self {
            id,
            at,
            actor,
            channel,
            action,
            property_id,
            subject,
            outcome,
            code,
            detail,
            facts,
            cause,
            checklist: checklist.unwrap_or_default(),
            hash,
        })
    }
}
