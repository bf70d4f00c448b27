//! What the lock workers have to do next.

use std::collections::HashSet;

use uuid::Uuid;

use super::record::{PlacementRecord, SELECT, get};
use crate::{Db, Millis, Query, Result, Tx, sql};

/// No try is put off for longer than this, in milliseconds. What is due later than that from now was put off before the
/// clock was set back, and is due.
const PUT_OFF_MOST: Millis = 10 * 60 * 1000;

/// Adds the condition that a placement is due.
fn push_due(query: &mut Query, now: Millis) {
    query.push(" AND placement.next_attempt_at IS NOT NULL AND (placement.next_attempt_at <= ").bind(now);
    query.push(" OR placement.next_attempt_at > ").bind(now + PUT_OFF_MOST).push(")");
}

/// Removals first, then the oldest.
const IN_TURN: &str = " ORDER BY placement.wanted, placement.next_attempt_at, placement.id LIMIT ";

/// Of what is due at a lock so many are looked at, so that a damaged one doesn't hold up its lock.
const LOOKED_AT: u32 = 4;

/// What is first at each lock of a hub where something is due, in the order of all of them: removals first, then the
/// oldest. The locks among `busy` and the placements among `sick` are left out. What can't be read is left out as long as
/// there is other work.
///
/// # Errors
/// [`crate::Error::Unreadable`] when there is none that can be read, so that nobody takes it for none at all: see
/// [`set_damaged_aside`].
pub fn due_by_lock(
    db: &Db,
    hub_id: Uuid,
    now: Millis,
    busy: &[Uuid],
    sick: &HashSet<Uuid>,
    most: u32,
) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.id IN (SELECT id FROM (SELECT placement.id, row_number() OVER (PARTITION BY lock_id ");
    query.push("ORDER BY wanted, next_attempt_at, placement.id) AS turn FROM placement WHERE placement.hub_id = ");
    query.bind(hub_id);
    push_due(&mut query, now);
    if !busy.is_empty() {
        query.push(" AND placement.lock_id NOT IN (").bind_list(busy).push(")");
    }
    query.push(") WHERE turn <= ").bind(LOOKED_AT).push(")").push(IN_TURN).bind(most.saturating_mul(LOOKED_AT));
    let mut due: Vec<PlacementRecord> = query.all_readable(db)?;
    if due.is_empty() {
        return query.all(db);
    }
    let mut locks = HashSet::new();
    due.retain(|placement| !sick.contains(&placement.id) && locks.insert(placement.lock_id));
    due.truncate(most as usize);
    Ok(due)
}

/// Nothing is due any more for those placements of a hub that can't be read. Answers their codes with the property.
pub fn set_damaged_aside(tx: &Tx, hub_id: Uuid, now: Millis) -> Result<Vec<(Uuid, Uuid)>> {
    let mut query = Query::new("SELECT id FROM placement WHERE placement.hub_id = ");
    query.bind(hub_id);
    push_due(&mut query, now);
    let mut set_aside = Vec::new();
    for id in query.ids(tx)? {
        if get(tx, id).is_err_and(|error| error.is_of_one_record()) {
            let sql = "UPDATE placement SET next_attempt_at = NULL WHERE id = ? RETURNING code_id, property_id";
            set_aside.extend(sql::optional::<(Uuid, Uuid)>(tx, sql, [id])?);
        }
    }
    Ok(set_aside)
}

/// All that is due at a hub that can be read.
pub fn due_of_hub(db: &Db, hub_id: Uuid, now: Millis, most: u32) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.hub_id = ").bind(hub_id);
    push_due(&mut query, now);
    query.push(IN_TURN).bind(most);
    query.all_readable(db)
}

/// All that is due at a lock that can be read.
pub fn due_of_lock(db: &Db, lock_id: Uuid, now: Millis, most: u32) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id);
    push_due(&mut query, now);
    query.push(IN_TURN).bind(most);
    query.all_readable(db)
}

/// Are codes being taken off this lock, so that it will have room?
pub fn has_removals(db: &Db, lock_id: Uuid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM placement WHERE lock_id = ? AND slot IS NOT NULL AND NOT wanted)";
    sql::value(db, sql, [lock_id])
}

/// When work of a hub is due next.
pub fn next_due(db: &Db, hub_id: Uuid, now: Millis) -> Result<Option<Millis>> {
    let next: Option<Millis> = sql::value(
        db,
        "SELECT min(next_attempt_at) FROM placement WHERE hub_id = ? AND next_attempt_at IS NOT NULL",
        [hub_id],
    )?;
    Ok(next.map(|next| if next > now + PUT_OFF_MOST { now } else { next }))
}
