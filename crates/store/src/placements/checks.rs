//! When locks are asked again whether they still hold what was confirmed (R25).
//!
//! A battery pays for each answer. So a code is looked for some minutes after it was written, when locks have been seen to
//! drop codes; then every lock is asked at most four times a day, for one code after another; and for all of its codes
//! once after it was away, or has new batteries.

use ids::{HubId, LockId, PlacementId};
use rusqlite::params;

use super::record::{PlacementRecord, SELECT};
use crate::{Db, Millis, Query, Result, Tx, sql};

const MINUTE: Millis = 60 * 1000;

/// How long after it was written a code is looked for.
const SOON: Millis = 3 * MINUTE;

/// How often a lock is asked about one of its codes: four times a day.
const EVERY: Millis = 6 * 60 * MINUTE;

/// Over how long the questions to a lock that has come back are spread, for each of its codes.
const SPREAD: Millis = MINUTE;

/// Looks for a code again some minutes from now.
pub(super) fn look_again_soon(tx: &Tx, id: PlacementId, now: Millis) -> Result<()> {
    let sql = "UPDATE placement SET confirmed_at = ?1, check_at = ?1 + ?2 + abs(random() % ?3) WHERE id = ?4";
    sql::execute(tx, sql, params![now, SOON, MINUTE, id])?;
    Ok(())
}

/// Notes that a code was seen on its lock. It has its turn again when each of the lock's other codes has had one.
pub(super) fn note_seen(tx: &Tx, id: PlacementId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET confirmed_at = ?1, check_at = ?1 + abs(random() % ?2) + ?3 * (SELECT count(*) \
         FROM placement AS other WHERE other.lock_id = placement.lock_id AND other.state <> 'removed' \
         AND other.check_at IS NOT NULL) WHERE id = ?4",
        params![now, 10 * MINUTE, EVERY, id],
    )?;
    Ok(())
}

/// The lock can't be asked what it holds: this isn't tried again.
pub fn cannot_be_checked(tx: &Tx, id: PlacementId) -> Result<()> {
    sql::execute(tx, "UPDATE placement SET check_at = NULL WHERE id = ?", [id])?;
    Ok(())
}

/// Asks again later.
pub fn check_at(tx: &Tx, id: PlacementId, at: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE placement SET check_at = ?1 WHERE id = ?2 AND check_at IS NOT NULL", params![at, id])?;
    Ok(())
}

/// A lock was away, or has new batteries, or we were: it is asked about each of its codes soon, one after another.
pub(super) fn check_lock(tx: &Tx, lock_id: LockId, now: Millis) -> Result<()> {
    let codes: i64 = sql::value(
        tx,
        "SELECT count(*) FROM placement WHERE lock_id = ? AND state <> 'removed' AND check_at IS NOT NULL",
        [lock_id],
    )?;
    sql::execute(
        tx,
        "UPDATE placement SET check_at = ?1 + ?2 / 2 + abs(random() % (?2 * ?3)) \
         WHERE lock_id = ?4 AND state <> 'removed' AND check_at IS NOT NULL AND (check_at < ?1 OR check_at > ?1 + ?2 / 2 + ?2 * ?3)",
        params![now, SPREAD, codes.max(1), lock_id],
    )?;
    Ok(())
}

/// The same for every lock of a hub.
pub fn check_hub(tx: &Tx, hub_id: HubId, now: Millis) -> Result<()> {
    let locks: Vec<LockId> = sql::values(tx, "SELECT id FROM lock WHERE hub_id = ?", [hub_id])?;
    locks.into_iter().try_for_each(|lock_id| check_lock(tx, lock_id, now))
}

/// A slot was changed at the lock: what we put there is looked for at once.
pub fn check_slot(tx: &Tx, lock_id: LockId, slot: u16, now: Millis) -> Result<()> {
    let sql = "UPDATE placement SET check_at = ?1 WHERE lock_id = ?2 AND state <> 'removed' AND slot = ?3 AND check_at IS NOT NULL";
    sql::execute(tx, sql, params![now, lock_id, slot])?;
    Ok(())
}

/// At each lock of a hub that isn't `busy`, the code that is to be looked for first.
pub fn to_check(db: &Db, hub_id: HubId, now: Millis, busy: &[LockId], limit: u32) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND lock.online AND hub.online AND placement.id IN (SELECT id FROM (SELECT placement.id, row_number() OVER (PARTITION BY lock_id ");
    query.push("ORDER BY check_at, placement.id) AS turn FROM placement WHERE placement.hub_id = ").bind(hub_id);
    // What was put off before the clock was set back is due.
    query.push(" AND placement.check_at IS NOT NULL AND placement.check_at <= ").bind(now);
    if !busy.is_empty() {
        query.push(" AND placement.lock_id NOT IN (").bind_list(busy).push(")");
    }
    query.push(") WHERE turn = 1) ORDER BY placement.check_at, placement.id LIMIT ").bind(limit);
    query.all_readable(db)
}

/// When a hub's next look is due, at a lock that can be asked.
pub fn next_check(db: &Db, hub_id: HubId) -> Result<Option<Millis>> {
    sql::value(
        db,
        "SELECT min(placement.check_at) FROM placement JOIN lock ON lock.id = placement.lock_id \
         JOIN hub ON hub.id = placement.hub_id \
         WHERE placement.hub_id = ? AND placement.check_at IS NOT NULL AND lock.online AND hub.online",
        [hub_id],
    )
}
