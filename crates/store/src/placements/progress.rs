//! A worker's attempts: reserving a slot before one, and storing its outcome.

use api_types::{Evidence, Named, PlacementReason};
use ids::{CodeId, HubId, LockId, PlacementId};
use rusqlite::params;

use super::record::PlacementRecord;
use super::state::PlacementState;
use super::status::{refresh_status, release_fingerprints};
use super::wanted::mark_unwanted;
use crate::{Db, Millis, Result, Tx, sql};

/// The lowest slot of the lock that no placement holds, and that may hold this code: guests' codes leave those free that
/// the residents behind the door need.
pub fn free_slot(db: &Db, placement: &PlacementRecord) -> Result<Option<u16>> {
    let lock_id = placement.lock_id;
    let total: u16 = sql::value(db, "SELECT slots_total FROM lock WHERE id = ?", [lock_id])?;
    let used: Vec<u16> =
        sql::values(db, "SELECT slot FROM placement WHERE lock_id = ? AND slot IS NOT NULL ORDER BY slot", [lock_id])?;
    let kept = if is_guests(db, placement.code_id)? { slots_kept(db, placement)? } else { 0 };
    if used.len() + kept as usize >= usize::from(total) {
        return Ok(None);
    }
    Ok((1..=total).find(|slot| used.binary_search(slot).is_err()))
}

fn is_guests(db: &Db, code_id: CodeId) -> Result<bool> {
    sql::value(db, "SELECT EXISTS (SELECT 1 FROM guest_code WHERE id = ?)", [code_id])
}

/// How many free slots of a unit door's lock are kept for the unit's residents: one for each whose code isn't there yet,
/// and one for a new code to be written before the old one is removed (R27). Other doors have no residents' codes.
fn slots_kept(db: &Db, placement: &PlacementRecord) -> Result<u32> {
    let residents: Option<u32> = sql::optional_value(
        db,
        "SELECT (SELECT count(*) FROM tenancy WHERE tenancy.unit_id = door.unit_id AND ended_at IS NULL) \
         FROM door WHERE id = ? AND unit_id IS NOT NULL",
        [placement.door_id],
    )?;
    let Some(residents) = residents else { return Ok(0) };
    let there: u32 = sql::value(
        db,
        "SELECT count(*) FROM placement JOIN code ON code.id = placement.code_id \
         WHERE placement.lock_id = ? AND placement.slot IS NOT NULL AND placement.wanted AND code.holder = 'resident'",
        [placement.lock_id],
    )?;
    Ok(residents.saturating_sub(there) + 1)
}

/// Reserves the slot before a code is written, and leaves the work in the outbox so that a restart picks it up. Returns
/// `false` if the code is no longer wanted.
///
/// What people see changes only for a first attempt: a placement that is waiting or has failed keeps that status until
/// the attempt is over.
pub fn reserve(tx: &Tx, placement: &PlacementRecord, slot: Option<u16>, now: Millis) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE placement SET since = CASE WHEN state = 'pending' THEN ?1 ELSE since END, \
         state = CASE WHEN state = 'pending' THEN 'writing' ELSE state END, slot = ?2, next_attempt_at = ?1 \
         WHERE id = ?3 AND generation = ?4",
        params![now, slot, placement.id, placement.generation],
    )?;
    Ok(changed == 1)
}

/// Records that a code was written over the one it replaces: the slot now belongs to the new code, whether or not that
/// is still wanted. If it isn't, it is to be taken off again. Any other slot reserved for it becomes free.
pub fn take_over_slot(tx: &Tx, id: PlacementId, replaced: PlacementId, slot: u16, now: Millis) -> Result<()> {
    mark_unwanted(tx, replaced, now)?;
    let code_id: Option<CodeId> = sql::optional_value(
        tx,
        "UPDATE placement SET state = 'removed', slot = NULL, next_attempt_at = NULL, reason = NULL WHERE id = ? \
         RETURNING code_id",
        [replaced],
    )?;
    if let Some(code_id) = code_id {
        release_fingerprints(tx, code_id)?;
        refresh_status(tx, code_id)?;
    }
    let reserved: Option<(LockId, Option<u16>)> =
        sql::optional(tx, "SELECT lock_id, slot FROM placement WHERE id = ?", [id])?;
    sql::execute(
        tx,
        "UPDATE placement SET slot = ?1, state = CASE WHEN wanted THEN state ELSE 'removing' END, \
         next_attempt_at = CASE WHEN wanted THEN next_attempt_at ELSE ?2 END WHERE id = ?3",
        params![slot, now, id],
    )?;
    match reserved {
        Some((lock_id, Some(reserved))) if reserved != slot => retry_for_free_slot(tx, lock_id, now),
        _ => Ok(()),
    }
}

/// What a worker found out about a placement.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The new state.
    pub state: PlacementState,
    /// The slot that the lock may now hold the code in.
    pub slot: Option<u16>,
    /// Why it isn't where it should be.
    pub reason: Option<PlacementReason>,
    /// How we know that it is on the lock.
    pub evidence: Option<Evidence>,
    /// What the lock's protocol said, without digits.
    pub protocol_error: Option<String>,
    /// When to try again; `None` if it is done, or not worth retrying until something changes.
    pub next_attempt_at: Option<Millis>,
    /// Whether the lock was asked, so that this counts as an attempt.
    pub tried: bool,
}

impl Progress {
    /// Nothing more to do, and nothing wrong.
    pub fn settled(state: PlacementState, slot: Option<u16>, evidence: Option<Evidence>) -> Self {
        Self { state, slot, reason: None, evidence, protocol_error: None, next_attempt_at: None, tried: true }
    }
}

/// Stores the outcome of an attempt, unless what is wanted has changed since. Returns whether it was stored.
///
/// `since` moves only when the state changes.
pub fn advance(tx: &Tx, placement: &PlacementRecord, progress: &Progress, now: Millis) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE placement SET since = CASE WHEN state = ?1 THEN since ELSE ?2 END, state = ?1, slot = ?3, reason = ?4, \
         evidence = ?5, protocol_error = ?6, next_attempt_at = ?7, attempts = attempts + ?8 \
         WHERE id = ?9 AND generation = ?10",
        params![
            progress.state.name(),
            now,
            progress.slot,
            progress.reason.map(PlacementReason::name),
            progress.evidence.map(Evidence::name),
            progress.protocol_error,
            progress.next_attempt_at,
            progress.tried,
            placement.id,
            placement.generation
        ],
    )? == 1;
    if changed {
        release_fingerprints(tx, placement.code_id)?;
        refresh_status(tx, placement.code_id)?;
        if placement.slot.is_some() && progress.slot.is_none() {
            retry_for_free_slot(tx, placement.lock_id, now)?;
        }
    }
    Ok(changed)
}

/// A slot of the lock has become free: retries the placements that found none.
fn retry_for_free_slot(tx: &Tx, lock_id: LockId, now: Millis) -> Result<()> {
    let codes: Vec<CodeId> = sql::values(
        tx,
        "UPDATE placement SET state = 'pending', since = ?1, attempts = 0, next_attempt_at = ?1, reason = NULL, \
         protocol_error = NULL WHERE lock_id = ?2 AND wanted AND slot IS NULL AND reason = 'slots_full' \
         RETURNING code_id",
        params![now, lock_id],
    )?;
    codes.into_iter().try_for_each(|code_id| refresh_status(tx, code_id))
}

/// A lock has come back or is gone: everything that is under way there is due now (R28), so that what people see of it
/// follows.
pub fn follow_lock(tx: &Tx, lock_id: LockId, online: bool, now: Millis) -> Result<()> {
    follow(tx, "lock_id = ?2", lock_id.uuid(), online, now)
}

/// A hub has come back or is gone: the same for all of its locks.
pub fn follow_hub(tx: &Tx, hub_id: HubId, online: bool, now: Millis) -> Result<()> {
    follow(tx, "hub_id = ?2", hub_id.uuid(), online, now)
}

/// What waited for a lock that answers again, as does its hub, is being sent; a removal that they held up is under way.
fn follow(tx: &Tx, of: &str, id: uuid::Uuid, online: bool, now: Millis) -> Result<()> {
    let due = format!("UPDATE placement SET next_attempt_at = ?1 WHERE {of} AND next_attempt_at > ?1");
    sql::execute(tx, &due, params![now, id])?;
    if !online {
        return Ok(());
    }
    let reachable = "(SELECT lock.online AND hub.online FROM lock JOIN hub ON hub.id = lock.hub_id \
                     WHERE lock.id = placement.lock_id)";
    let sent = format!(
        "UPDATE placement SET since = CASE state WHEN 'waiting_offline' THEN ?1 ELSE since END, \
         state = CASE state WHEN 'waiting_offline' THEN 'pending' ELSE state END, reason = NULL, protocol_error = NULL \
         WHERE {of} AND next_attempt_at IS NOT NULL AND reason IN ('hub_offline', 'lock_offline') AND {reachable} \
         RETURNING code_id"
    );
    let codes: Vec<CodeId> = sql::values(tx, &sent, params![now, id])?;
    codes.into_iter().try_for_each(|code_id| refresh_status(tx, code_id))
}
