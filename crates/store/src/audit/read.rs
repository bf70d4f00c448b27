//! Reading the log where no search is needed.

use api_types::{Action, Outcome, ProblemCode};
use ids::{CodeId, EventId};
use rusqlite::params;
use uuid::Uuid;

use super::event::EventRecord;
use crate::{Db, Millis, Query, Result, Scope, sql};

/// The newest event's number.
pub(super) fn newest(db: &Db) -> Result<Option<i64>> {
    sql::value(db, "SELECT max(seq) FROM audit", [])
}

/// One event.
pub fn get(db: &Db, scope: Scope, id: EventId) -> Result<Option<EventRecord>> {
    let mut query = Query::new("SELECT * FROM audit WHERE id = ");
    query.bind(id);
    scope.push(&mut query, "property_id", Some("resident_id"));
    query.optional(db)
}

/// The newest readable events on a subject, newest first.
pub fn of_subject(db: &Db, scope: Scope, subject_id: Uuid, limit: u32) -> Result<Vec<EventRecord>> {
    let mut query = Query::new("SELECT * FROM audit WHERE subject_id = ");
    query.bind(subject_id);
    scope.push(&mut query, "property_id", Some("resident_id"));
    query.push(" ORDER BY seq DESC LIMIT ").bind(i64::from(limit));
    query.all_readable(db)
}

/// How many events there are.
pub fn count(db: &Db) -> Result<u64> {
    // Events are never deleted, so the newest one's number is their count.
    Ok(newest(db)?.unwrap_or(0).unsigned_abs())
}

/// When the newest event was recorded.
pub fn newest_at(db: &Db) -> Result<Option<Millis>> {
    sql::optional_value(db, "SELECT at FROM audit ORDER BY seq DESC LIMIT 1", [])
}

/// How many events of `action` on `subject_id` with this code were recorded at or after `since`.
pub fn count_since(db: &Db, subject_id: Uuid, action: Action, code: ProblemCode, since: Millis) -> Result<i64> {
    sql::value(
        db,
        "SELECT count(*) FROM audit WHERE subject_id = ? AND action = ? AND code = ? AND at >= ?",
        params![subject_id, action.name(), code.name(), since],
    )
}

/// Every reveal of a code that can be read, newest first: time, who, as what, and the reason (R30).
pub fn reveals(db: &Db, code_id: CodeId) -> Result<Vec<EventRecord>> {
    sql::all_readable(
        db,
        "SELECT * FROM audit WHERE subject_id = ? AND action = ? AND outcome = ? ORDER BY seq DESC LIMIT 100",
        params![code_id, Action::CodeRevealed.name(), Outcome::Done.name()],
    )
}
