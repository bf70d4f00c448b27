//! What is wanted on the locks, and the work that follows from it.

use api_types::{MaybeKnown, Named};
use ids::{CodeId, LockId, PlacementId};
use placement::{Event, Placement};
use rusqlite::params;

use super::life::{tell, tell_all};
use crate::doors::DoorRecord;
use crate::vault::Fingerprint;
use crate::{Db, Millis, Result, Tx, sql};

/// A code to be put on a door's lock.
pub struct NewPlacement<'a> {
    /// The code.
    pub code_id: CodeId,
    /// The door.
    pub door: &'a DoorRecord,
    /// The code's fingerprint on that lock; the index refuses a second live one (R11).
    pub fingerprint: Fingerprint,
    /// Whether it is wanted from now on; `false` for a guest code before its first window.
    pub wanted: bool,
    /// The placement it replaces (R27).
    pub replaces: Option<PlacementId>,
}

/// Adds a placement, which is work to do if it is wanted now.
///
/// # Errors
/// A unique violation when another live code on that lock has the same digits.
pub fn insert(tx: &Tx, new: &NewPlacement<'_>, now: Millis) -> Result<()> {
    let linked: bool = sql::value(tx, "SELECT kind <> 'none' FROM hub WHERE id = ?", [new.door.hub_id])?;
    let step = Placement::added(new.wanted, linked);
    sql::execute(
        tx,
        "INSERT INTO placement (id, code_id, property_id, door_id, lock_id, hub_id, wanted, state, since, reason, \
         next_attempt_at, fingerprint, replaces, cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            PlacementId::generate(),
            new.code_id,
            new.door.property_id,
            new.door.id,
            new.door.lock_id,
            new.door.hub_id,
            step.next.wanted,
            step.next.state.name(),
            now,
            step.next.reason.as_ref().map(MaybeKnown::name),
            step.next.due.then_some(now),
            new.fingerprint,
            new.replaces,
            tx.cause()
        ],
    )?;
    Ok(())
}

/// The code of the live placement with that fingerprint on that lock.
pub fn holder_of(db: &Db, lock_id: LockId, fingerprint: &[u8]) -> Result<Option<CodeId>> {
    sql::optional_value(
        db,
        "SELECT code_id FROM placement WHERE lock_id = ? AND fingerprint = ?",
        params![lock_id, fingerprint],
    )
}

/// All live fingerprints on a lock, which random generation must avoid (R17).
pub fn fingerprints(db: &Db, lock_id: LockId) -> Result<Vec<Fingerprint>> {
    sql::values(db, "SELECT fingerprint FROM placement WHERE lock_id = ? AND fingerprint IS NOT NULL", [lock_id])
}

/// Marks all of a code's placements as wanted or unwanted. Those that this changes become work to do.
///
/// A placement that was never written is removed at once; one that may be on the lock has to be taken off. What was
/// dropped from a door stays off it.
pub fn set_wanted(tx: &Tx, code_id: CodeId, wanted: bool, now: Millis) -> Result<()> {
    let event = if wanted { Event::Wanted } else { Event::Unwanted };
    let sql = "SELECT id FROM placement WHERE code_id = ? AND wanted <> ?";
    tell_all(tx, sql::ids(tx, sql, params![code_id, wanted])?, &event, now)
}

/// Makes the removals of a code the first that are done at their locks: it has been used, and must not open twice (R20).
pub fn remove_first(tx: &Tx, code_id: CodeId) -> Result<()> {
    // Due for longer than anything else.
    let sql = "UPDATE placement SET next_attempt_at = 0 \
               WHERE code_id = ? AND NOT wanted AND next_attempt_at IS NOT NULL";
    sql::execute(tx, sql, [code_id])?;
    Ok(())
}

/// Marks one placement as unwanted, as [`set_wanted`] does for a whole code.
pub fn mark_unwanted(tx: &Tx, id: PlacementId, now: Millis) -> Result<()> {
    tell(tx, id, Event::Unwanted, now)
}
