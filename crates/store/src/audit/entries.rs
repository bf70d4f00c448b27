//! The index entries of events: the terms each can be found by.

use ids::{DoorId, PersonId, PropertyId, TenancyId};
use rusqlite::{Row, params};

use super::event::NewEvent;
use super::terms::Term;
use crate::sql::FromRow;
use crate::{Db, Result, sql};

/// An event's number and the terms it can be found by.
pub(super) struct Entry {
    pub(super) seq: i64,
    pub(super) terms: Vec<Term>,
}

impl Entry {
    /// The entry of an event that is stored under this number, and whether that belongs to an earlier one.
    pub(super) fn of(seq: i64, event: &NewEvent, is_part: bool) -> Self {
        let found_by = FoundBy {
            actor: event.actor.id,
            property: event.property_id,
            resident: event.resident_id,
            door: event.door_id,
            action: event.action.name(),
            outcome: event.outcome.name(),
            actor_name: &event.actor.name,
            subject_name: &event.subject.name,
            detail: &event.detail,
            code: event.code.as_deref(),
            is_part,
        };
        Self { seq, terms: found_by.terms() }
    }
}

/// The entries of the events from `first` to `last`. An event that can't be read has none.
pub(super) fn between(db: &Db, first: i64, last: i64) -> Result<Vec<Entry>> {
    sql::all_readable(
        db,
        "SELECT *, cause IS NOT NULL AND EXISTS (SELECT 1 FROM audit AS earlier WHERE earlier.cause = audit.cause \
         AND earlier.property_id IS audit.property_id AND earlier.seq < audit.seq) AS is_part \
         FROM audit WHERE seq BETWEEN ? AND ?",
        params![first, last],
    )
}

/// The parts of an event that it can be found by.
struct FoundBy<'a> {
    actor: Option<PersonId>,
    property: Option<PropertyId>,
    resident: Option<TenancyId>,
    door: Option<DoorId>,
    action: &'a str,
    outcome: &'a str,
    actor_name: &'a str,
    subject_name: &'a str,
    detail: &'a str,
    code: Option<&'a str>,
    is_part: bool,
}

impl FoundBy<'_> {
    fn terms(&self) -> Vec<Term> {
        let ids = [
            self.actor.map(Term::actor),
            self.property.map(Term::property),
            self.resident.map(Term::resident),
            self.door.map(Term::door),
        ];
        let texts = [self.actor_name, self.subject_name, self.action, self.detail].into_iter().chain(self.code);
        ids.into_iter()
            .flatten()
            .chain(Term::actions(self.action))
            .chain([Term::outcome(self.outcome)])
            .chain(texts.flat_map(Term::words))
            .chain(self.is_part.then(Term::part))
            .collect()
    }
}

impl FromRow for Entry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column: &str| row.get::<_, String>(column);
        let code: Option<String> = row.get("code")?;
        let found_by = FoundBy {
            actor: row.get("actor_id")?,
            property: row.get("property_id")?,
            resident: row.get("resident_id")?,
            door: row.get("door_id")?,
            action: &text("action")?,
            outcome: &text("outcome")?,
            actor_name: &text("actor_name")?,
            subject_name: &text("subject_name")?,
            detail: &text("detail")?,
            code: code.as_deref(),
            is_part: row.get("is_part")?,
        };
        Ok(Self { seq: row.get("seq")?, terms: found_by.terms() })
    }
}
