//! What becomes of a door's codes when it gets another lock, or loses the one it has (R24, R27).

use ids::{CodeId, DoorId, HubId, LockId, PlacementId};
use rusqlite::params;

use super::record::{PlacementRecord, SELECT};
use super::status::{refresh_status, release_fingerprints};
use super::wanted::mark_unwanted;
use crate::{Db, Millis, Query, Result, Tx, locks, sql};

/// What waited for a lock to be linked is sent to it.
pub fn send_to_linked(tx: &Tx, lock_id: LockId, hub_id: HubId, now: Millis) -> Result<()> {
    set_hub(tx, lock_id, hub_id)?;
    let codes: Vec<CodeId> = sql::values(
        tx,
        "UPDATE placement SET state = 'pending', since = ?1, attempts = 0, next_attempt_at = ?1, reason = NULL, \
         protocol_error = NULL WHERE lock_id = ?2 AND wanted AND state <> 'on_lock' \
         AND state <> 'removed' RETURNING code_id",
        params![now, lock_id],
    )?;
    codes.into_iter().try_for_each(|code_id| refresh_status(tx, code_id))
}

/// A lock is driven by that hub, and so is everything that was ever to be on it.
fn set_hub(tx: &Tx, lock_id: LockId, hub_id: HubId) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET hub_id = ?1 \
         WHERE door_id = (SELECT door_id FROM lock WHERE id = ?2) AND lock_id = ?2 AND hub_id <> ?1",
        params![hub_id, lock_id],
    )?;
    Ok(())
}

/// Makes a lock on which nothing of ours is one that stands for a missing one, so that its device may be linked elsewhere
/// and its hub removed.
pub fn detach(tx: &Tx, lock_id: LockId, unlinked_hub: HubId, now: Millis) -> Result<()> {
    locks::detach(tx, lock_id, unlinked_hub, now)?;
    set_hub(tx, lock_id, unlinked_hub)
}

/// A code that is for a door, at one of its locks.
#[derive(Clone, Copy, Debug)]
pub struct AtLock {
    /// The code.
    pub code_id: CodeId,
    /// Whether it should be there now, and not only when its window begins.
    pub wanted: bool,
}

sql::from_row!(AtLock { code_id, wanted });

/// The live codes that are for a lock, now or later.
pub fn live_at_lock(db: &Db, lock_id: LockId) -> Result<Vec<AtLock>> {
    sql::all(
        db,
        "SELECT placement.code_id, placement.wanted FROM placement JOIN code ON code.id = placement.code_id \
         WHERE placement.door_id = (SELECT door_id FROM lock WHERE id = ?1) AND placement.lock_id = ?1 \
         AND NOT placement.dropped AND code.ended_at IS NULL ORDER BY placement.id",
        [lock_id],
    )
}

/// The lock isn't the door's any more: no window puts a code back on it, and those on it are taken off. With `replaced`, a
/// code that it is confirmed to hold stays until the new lock has it, or what replaces it (R27).
pub fn leave_lock(tx: &Tx, door_id: DoorId, lock_id: LockId, replaced: bool, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET dropped = 1 WHERE door_id = ? AND lock_id = ? AND NOT dropped",
        params![door_id, lock_id],
    )?;
    let leaving: Vec<PlacementId> = sql::values(
        tx,
        "SELECT placement.id FROM lock CROSS JOIN placement ON placement.lock_id = lock.id \
         WHERE lock.door_id = ?1 AND lock.former_since IS NOT NULL AND placement.state <> 'removed' \
         AND placement.wanted AND NOT (?2 AND placement.state = 'on_lock')",
        params![door_id, replaced],
    )?;
    for id in leaving {
        mark_unwanted(tx, id, now)?;
    }
    release_locks(tx, door_id)
}

/// A code is on a door's lock now: the door's former locks needn't hold it any longer, nor what the same resident had before.
pub fn leave_former_locks(tx: &Tx, placement: &PlacementRecord, now: Millis) -> Result<()> {
    let leaving: Vec<PlacementId> = sql::values(
        tx,
        "SELECT placement.id FROM lock CROSS JOIN placement ON placement.lock_id = lock.id \
         WHERE lock.door_id = ?1 AND lock.former_since IS NOT NULL AND placement.state <> 'removed' AND placement.wanted \
         AND (placement.code_id = ?2 OR placement.code_id IN (SELECT before.id FROM code AS before \
         JOIN code AS written ON written.tenancy_id = before.tenancy_id \
         WHERE written.id = ?2 AND written.holder = 'resident' AND before.holder = 'resident'))",
        params![placement.door_id, placement.code_id],
    )?;
    for id in leaving {
        mark_unwanted(tx, id, now)?;
    }
    Ok(())
}

/// Lets go of the former locks of a door that hold nothing any more.
fn release_locks(tx: &Tx, door_id: DoorId) -> Result<()> {
    let sql = "SELECT id FROM lock WHERE door_id = ? AND former_since IS NOT NULL AND hub_lock IS NOT NULL";
    for lock_id in sql::values(tx, sql, [door_id])? {
        locks::release_if_empty(tx, lock_id)?;
    }
    Ok(())
}

/// The readable placements at a lock that have begun and aren't over.
pub fn of_lock(db: &Db, lock_id: LockId) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id);
    query.push(" AND placement.state <> 'removed' AND (placement.wanted OR placement.state <> 'pending')");
    query.push(" ORDER BY placement.slot IS NULL, placement.slot, placement.id");
    query.all_readable(db)
}

/// A person has made sure that a former lock opens nothing any more: what was on it counts as removed. Returns those
/// placements, as they were.
pub fn confirm_gone(tx: &Tx, lock_id: LockId, now: Millis) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id).push(" AND placement.state <> 'removed'");
    let there: Vec<PlacementRecord> = query.all(tx)?;
    sql::execute(
        tx,
        "UPDATE placement SET wanted = 0, state = 'removed', since = ?1, slot = NULL, next_attempt_at = NULL, reason = NULL, \
         evidence = NULL, protocol_error = NULL, generation = generation + 1, cause = ?3 \
         WHERE lock_id = ?2 AND state <> 'removed'",
        params![now, lock_id, tx.cause()],
    )?;
    for placement in &there {
        release_fingerprints(tx, placement.code_id)?;
        refresh_status(tx, placement.code_id)?;
    }
    locks::release_if_empty(tx, lock_id)?;
    Ok(there)
}

/// Which placements are tried again.
#[derive(Clone, Copy, Debug)]
pub enum Again {
    /// Those at a door's locks.
    AtDoor(DoorId),
    /// Those of a code, wherever it is for.
    OfCode(CodeId),
}

/// Tries again now whatever isn't as it should be, and has a lock. Returns how many placements that are.
pub fn send_again(tx: &Tx, again: Again, now: Millis) -> Result<u32> {
    let (column, id) = match again {
        Again::AtDoor(id) => ("door_id", id.uuid()),
        Again::OfCode(id) => ("code_id", id.uuid()),
    };
    let text = format!(
        "UPDATE placement SET attempts = 0, next_attempt_at = ?1, \
         since = CASE WHEN state IN ('failed', 'drifted', 'removal_failed') THEN ?1 ELSE since END, \
         state = CASE WHEN state IN ('failed', 'drifted') THEN 'pending' WHEN state = 'removal_failed' THEN 'removing' \
         ELSE state END, \
         reason = CASE WHEN state IN ('failed', 'drifted') THEN NULL ELSE reason END, \
         cause = ?3 WHERE {column} = ?2 \
         AND ((wanted AND state <> 'on_lock') OR state IN ('removing', 'removal_failed')) \
         AND (SELECT kind FROM hub WHERE hub.id = placement.hub_id) <> 'none' RETURNING code_id"
    );
    let codes: Vec<CodeId> = sql::values(tx, &text, params![now, id, tx.cause()])?;
    for code_id in &codes {
        refresh_status(tx, *code_id)?;
    }
    Ok(u32::try_from(codes.len()).unwrap_or(u32::MAX))
}

/// A lock can do something else than before: what it couldn't take is tried again.
pub fn retry_refused(tx: &Tx, lock_id: LockId, now: Millis) -> Result<()> {
    let codes: Vec<CodeId> = sql::values(
        tx,
        "UPDATE placement SET state = 'pending', since = ?1, attempts = 0, next_attempt_at = ?1, reason = NULL, \
         protocol_error = NULL WHERE lock_id = ?2 AND wanted AND state = 'failed' AND state <> 'removed' \
         AND reason IN ('slots_full', 'length_not_supported', 'not_supported') RETURNING code_id",
        params![now, lock_id],
    )?;
    codes.into_iter().try_for_each(|code_id| refresh_status(tx, code_id))
}
