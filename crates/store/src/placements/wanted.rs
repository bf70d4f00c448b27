//! What is wanted on the locks, and the work that follows from it.

use ids::{CodeId, LockId, PlacementId};
use rusqlite::params;

use super::status::{refresh_status, release_fingerprints};
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
    sql::execute(
        tx,
        "INSERT INTO placement (id, code_id, property_id, door_id, lock_id, hub_id, wanted, state, since, \
         next_attempt_at, fingerprint, replaces, cause) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
        params![
            PlacementId::generate(),
            new.code_id,
            new.door.property_id,
            new.door.id,
            new.door.lock_id,
            new.door.hub_id,
            new.wanted,
            now,
            new.wanted.then_some(now),
            new.fingerprint,
            new.replaces,
            tx.cause()
        ],
    )?;
    wait_for_lock(tx, new.code_id)
}

/// What is wanted on a door without a linked lock waits, and nothing is due there (R35).
pub(super) fn wait_for_lock(tx: &Tx, code_id: CodeId) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET state = 'waiting_offline', reason = 'no_lock_linked', next_attempt_at = NULL \
         WHERE code_id = ? AND wanted AND state = 'pending' \
         AND (SELECT kind FROM hub WHERE hub.id = placement.hub_id) = 'none'",
        [code_id],
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
/// A placement that was never written is removed at once; one that may be on the lock has to be taken off. Placements
/// that are being replaced are left to their replacement: make before break (R27). What was dropped from a door stays off
/// it.
pub fn set_wanted(tx: &Tx, code_id: CodeId, wanted: bool, now: Millis) -> Result<()> {
    let sql = if wanted {
        "UPDATE placement SET wanted = 1, state = 'pending', since = ?1, generation = generation + 1, attempts = 0, \
         next_attempt_at = ?1, reason = NULL, evidence = NULL, protocol_error = NULL, cause = ?3 WHERE code_id = ?2 AND NOT wanted AND NOT dropped"
    } else {
        "UPDATE placement SET wanted = 0, since = ?1, generation = generation + 1, attempts = 0, \
         state = CASE WHEN slot IS NULL AND state <> 'writing' THEN 'removed' ELSE 'removing' END, \
         next_attempt_at = CASE WHEN slot IS NULL AND state <> 'writing' THEN NULL ELSE ?1 END, \
         reason = NULL, evidence = NULL, protocol_error = NULL, cause = ?3 WHERE code_id = ?2 AND wanted"
    };
    sql::execute(tx, sql, params![now, code_id, tx.cause()])?;
    wait_for_lock(tx, code_id)?;
    release_fingerprints(tx, code_id)?;
    refresh_status(tx, code_id)
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
    let code_id: Option<CodeId> = sql::optional_value(
        tx,
        "UPDATE placement SET wanted = 0, since = ?1, generation = generation + 1, attempts = 0, \
         state = CASE WHEN slot IS NULL AND state <> 'writing' THEN 'removed' ELSE 'removing' END, \
         next_attempt_at = CASE WHEN slot IS NULL AND state <> 'writing' THEN NULL ELSE ?1 END, \
         reason = NULL, evidence = NULL, protocol_error = NULL, cause = ?3 WHERE id = ?2 AND wanted RETURNING code_id",
        params![now, id, tx.cause()],
    )?;
    if let Some(code_id) = code_id {
        release_fingerprints(tx, code_id)?;
        refresh_status(tx, code_id)?;
    }
    Ok(())
}
