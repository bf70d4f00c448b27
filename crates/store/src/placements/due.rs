//! What the lock workers must do next.

use std::collections::HashSet;

use ids::{CodeId, HubId, LockId, PlacementId, PropertyId};

use super::record::{PlacementRecord, SELECT, get};
use crate::{Db, Millis, Query, Result, Tx, sql};

/// The longest that an attempt is postponed, in milliseconds. Anything due later than this was postponed before the
/// clock was set back, and is due now.
const MAX_POSTPONEMENT: Millis = 10 * 60 * 1000;

/// Adds the condition that a placement is due.
fn push_due(query: &mut Query, now: Millis) {
    query.push(" AND placement.next_attempt_at IS NOT NULL AND (placement.next_attempt_at <= ").bind(now);
    query.push(" OR placement.next_attempt_at > ").bind(now + MAX_POSTPONEMENT).push(")");
}

/// Removals first, then the oldest work.
const IN_ORDER: &str = " ORDER BY placement.wanted, placement.next_attempt_at, placement.id LIMIT ";

/// How many placements due at a lock are considered, so that a damaged one doesn't hold up the lock.
const CANDIDATES_PER_LOCK: u32 = 4;

/// The next due placement at each lock of a hub, removals first, then the oldest. Locks in `busy` and placements in
/// `failing` are left out. So is what can't be read, as long as there is other work.
///
/// # Errors
/// [`crate::Error::Unreadable`] when nothing that is due can be read, so that this isn't mistaken for nothing being
/// due: see [`set_aside_damaged`].
pub fn due_by_lock(
    db: &Db,
    hub_id: HubId,
    now: Millis,
    busy: &[LockId],
    failing: &HashSet<PlacementId>,
    limit: u32,
) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.id IN (SELECT id FROM (SELECT placement.id, row_number() OVER (PARTITION BY lock_id ");
    query.push("ORDER BY wanted, next_attempt_at, placement.id) AS turn FROM placement WHERE placement.hub_id = ");
    query.bind(hub_id);
    push_due(&mut query, now);
    if !busy.is_empty() {
        query.push(" AND placement.lock_id NOT IN (").bind_list(busy).push(")");
    }
    query
        .push(") WHERE turn <= ")
        .bind(CANDIDATES_PER_LOCK)
        .push(")")
        .push(IN_ORDER)
        .bind(limit.saturating_mul(CANDIDATES_PER_LOCK));
    let mut due: Vec<PlacementRecord> = query.all_readable(db)?;
    if due.is_empty() {
        return query.all(db);
    }
    let mut locks = HashSet::new();
    due.retain(|placement| !failing.contains(&placement.id) && locks.insert(placement.lock_id));
    due.truncate(limit as usize);
    Ok(due)
}

/// Sets aside the placements of a hub that can't be read: nothing is due for them any more. Returns their codes and
/// properties.
pub fn set_aside_damaged(tx: &Tx, hub_id: HubId, now: Millis) -> Result<Vec<(CodeId, PropertyId)>> {
    let mut query = Query::new("SELECT id FROM placement WHERE placement.hub_id = ");
    query.bind(hub_id);
    push_due(&mut query, now);
    let mut set_aside = Vec::new();
    for id in query.ids(tx)? {
        if get(tx, id).is_err_and(|error| error.is_single_record()) {
            let sql = "UPDATE placement SET next_attempt_at = NULL WHERE id = ? RETURNING code_id, property_id";
            set_aside.extend(sql::optional::<(CodeId, PropertyId)>(tx, sql, [id])?);
        }
    }
    Ok(set_aside)
}

/// The readable placements that are due at a hub.
pub fn due_of_hub(db: &Db, hub_id: HubId, now: Millis, limit: u32) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.hub_id = ").bind(hub_id);
    push_due(&mut query, now);
    query.push(IN_ORDER).bind(limit);
    query.all_readable(db)
}

/// The readable placements that are due at a lock.
pub fn due_of_lock(db: &Db, lock_id: LockId, now: Millis, limit: u32) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id);
    push_due(&mut query, now);
    query.push(IN_ORDER).bind(limit);
    query.all_readable(db)
}

/// Whether codes are being taken off this lock, so that slots will become free.
pub fn has_removals(db: &Db, lock_id: LockId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM placement WHERE lock_id = ? AND slot IS NOT NULL AND NOT wanted)";
    sql::value(db, sql, [lock_id])
}

/// When a hub's next work is due.
pub fn next_due(db: &Db, hub_id: HubId, now: Millis) -> Result<Option<Millis>> {
    let next: Option<Millis> = sql::value(
        db,
        "SELECT min(next_attempt_at) FROM placement WHERE hub_id = ? AND next_attempt_at IS NOT NULL",
        [hub_id],
    )?;
    Ok(next.map(|next| if next > now + MAX_POSTPONEMENT { now } else { next }))
}
