//! Appending to the log.

use ids::EventId;
use rusqlite::params_from_iter;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::chain::{INSERT, chained_hash};
use super::entries::Entry;
use super::event::NewEvent;
use super::groups;
use super::head::Head;
use super::index;
use crate::{Error, Millis, Result, Tx, sql};

impl Tx {
    /// Appends an event at `now` and links it to the one before.
    ///
    /// The time written is never earlier than the newest event's, so the log stays in order when a clock jumps back.
    /// Searches find the event once it is committed.
    ///
    /// # Errors
    /// [`Error::Storage`]; the action must then not happen either.
    pub fn record(&self, now: Millis, event: NewEvent) -> Result<EventId> {
        let mut log = self.log.borrow_mut();
        let head = log.head.take().map_or_else(|| Head::read(self), Ok)?;
        let (id, at) = (EventId::generate(), now.max(head.at));
        let checklist = (!event.checklist.is_empty()).then(|| serde_json::to_string(&event.checklist)).transpose();
        let checklist = checklist.map_err(|error| Error::Unreadable(error.to_string()))?;
        let facts = serde_json::to_string(&event.facts).map_err(|error| Error::Unreadable(error.to_string()))?;
        let cause = event.cause.unwrap_or_else(|| self.cause());
        let is_part = groups::is_part(self, &cause, event.property_id)?;
        let chained = event.chained(&id, at, checklist.as_deref(), &facts, &cause);
        let hash = chained_hash(&head.hash, chained);
        let values = chained.into_iter().chain([ValueRef::Blob(&hash)]).map(ToSqlOutput::Borrowed);
        sql::execute(self, INSERT, params_from_iter(values))?;
        log.unindexed.push(Entry::of(self.last_insert_rowid(), &event, is_part));
        log.head = Some(Head { at, hash });
        self.count_recorded();
        Ok(id)
    }

    /// Appends many events, each at its own time, as [`Tx::record`] does for one.
    ///
    /// # Errors
    /// As [`Tx::record`].
    pub fn record_all(&self, events: impl IntoIterator<Item = (Millis, NewEvent)>) -> Result<()> {
        events.into_iter().try_for_each(|(now, event)| self.record(now, event).map(|_| ()))
    }
}

/// Adds what this transaction recorded to the index.
pub(crate) fn flush_index(tx: &Tx) -> Result<()> {
    let unindexed = std::mem::take(&mut tx.log.borrow_mut().unindexed);
    index::add(tx, &unindexed)
}
