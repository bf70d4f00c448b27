//! Slots of locks that hold a code which isn't ours, or may. What the code is, is never kept.

use api_types::Named;
use ids::{CauseId, DoorId, HubId, LockId, PropertyId};
use rusqlite::params;

use crate::{Db, Millis, Query, Result, Tx, sql};

/// A slot that holds a code which isn't ours, or may.
#[derive(Clone, Debug)]
pub struct UnknownCode {
    /// The lock.
    pub lock_id: LockId,
    /// Its slot.
    pub slot: u16,
    state: UnknownState,
    /// Since when.
    pub since: Millis,
    /// How often emptying it was tried.
    pub attempts: u32,
    /// What the lock's protocol said, without digits.
    pub protocol_error: Option<String>,
    /// What it is emptied because of.
    pub cause: Option<CauseId>,
    /// The lock's door.
    pub door_id: DoorId,
    /// The door's name.
    pub door_name: String,
    /// The property.
    pub property_id: PropertyId,
}

sql::from_row!(UnknownCode {
    lock_id,
    slot,
    state as Named,
    since as Moment,
    attempts,
    protocol_error,
    cause,
    door_id,
    door_name,
    property_id,
});

impl UnknownCode {
    /// What is known of it.
    pub fn state(&self) -> UnknownState {
        self.state
    }
}

/// What is known of such a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownState {
    /// It was changed at the lock, and hasn't been looked at yet.
    Suspected,
    /// It holds a code that isn't ours, which opens the door.
    Found,
    /// Somebody wants it emptied.
    Clearing,
}

impl Named for UnknownState {
    const ALL: &'static [Self] = &[Self::Suspected, Self::Found, Self::Clearing];

    fn name(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Found => "found",
            Self::Clearing => "clearing",
        }
    }
}

const SELECT: &str = "SELECT unknown_code.lock_id, unknown_code.slot, unknown_code.state, unknown_code.since, \
     unknown_code.attempts, unknown_code.protocol_error, unknown_code.cause, lock.door_id, door.name AS door_name, \
     lock.property_id FROM unknown_code JOIN lock ON lock.id = unknown_code.lock_id \
     JOIN door ON door.id = lock.door_id WHERE TRUE";

/// A slot was changed at the lock: it is looked at, unless that is due anyway.
pub fn suspect(tx: &Tx, lock_id: LockId, slot: u16, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO unknown_code (lock_id, slot, state, since, next_attempt_at) VALUES (?1, ?2, 'suspected', ?3, ?3) \
         ON CONFLICT DO UPDATE SET next_attempt_at = ?3",
        params![lock_id, slot, now],
    )?;
    Ok(())
}

/// A slot holds a code that isn't ours. Returns whether that is news.
pub fn found(tx: &Tx, lock_id: LockId, slot: u16, now: Millis) -> Result<bool> {
    let known = sql::optional_value::<bool>(
        tx,
        "SELECT state <> 'suspected' FROM unknown_code WHERE lock_id = ? AND slot = ?",
        params![lock_id, slot],
    )?;
    sql::execute(
        tx,
        "INSERT INTO unknown_code (lock_id, slot, state, since) VALUES (?1, ?2, 'found', ?3) \
         ON CONFLICT DO UPDATE SET state = CASE state WHEN 'suspected' THEN 'found' ELSE state END, \
         since = CASE state WHEN 'suspected' THEN ?3 ELSE since END, \
         next_attempt_at = CASE state WHEN 'clearing' THEN next_attempt_at END",
        params![lock_id, slot, now],
    )?;
    Ok(known != Some(true))
}

/// A slot holds nothing that isn't ours any more. Returns what was known of it.
pub fn gone(tx: &Tx, lock_id: LockId, slot: u16) -> Result<Option<UnknownState>> {
    let sql = "DELETE FROM unknown_code WHERE lock_id = ? AND slot = ? RETURNING state";
    Ok(sql::optional_value::<sql::Named<UnknownState>>(tx, sql, params![lock_id, slot])?.map(|state| state.0))
}

/// Somebody wants a slot emptied. Returns `false` if nothing unknown is there.
pub fn clear(tx: &Tx, lock_id: LockId, slot: u16, now: Millis) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE unknown_code SET state = 'clearing', next_attempt_at = ?1, attempts = 0, protocol_error = NULL, \
         cause = ?2 WHERE lock_id = ?3 AND slot = ?4 AND state <> 'suspected'",
        params![now, tx.cause(), lock_id, slot],
    )?;
    Ok(changed == 1)
}

/// It couldn't be looked at or emptied; this is tried again then, or (`None`) not until something changes.
pub fn put_off(tx: &Tx, unknown: &UnknownCode, again_at: Option<Millis>, protocol_error: Option<&str>) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE unknown_code SET next_attempt_at = ?1, attempts = attempts + 1, protocol_error = ?2 \
         WHERE lock_id = ?3 AND slot = ?4",
        params![again_at, protocol_error, unknown.lock_id, unknown.slot],
    )?;
    Ok(())
}

/// What is known of one slot.
pub fn get(db: &Db, lock_id: LockId, slot: u16) -> Result<Option<UnknownCode>> {
    let mut query = Query::new(SELECT);
    query.push(" AND unknown_code.lock_id = ").bind(lock_id).push(" AND unknown_code.slot = ").bind(slot);
    query.optional(db)
}

/// The codes at a door that aren't ours, by slot.
pub fn of_door(db: &Db, door_id: DoorId) -> Result<Vec<UnknownCode>> {
    let mut query = Query::new(SELECT);
    query.push(" AND lock.former_since IS NULL AND lock.door_id = ").bind(door_id);
    query.push(" AND unknown_code.state <> 'suspected' ORDER BY unknown_code.slot");
    query.all(db)
}

/// The codes on a lock that aren't ours, by slot.
pub fn of_lock(db: &Db, lock_id: LockId) -> Result<Vec<UnknownCode>> {
    let mut query = Query::new(SELECT);
    query.push(" AND unknown_code.lock_id = ").bind(lock_id);
    query.push(" AND unknown_code.state <> 'suspected' ORDER BY unknown_code.slot");
    query.all(db)
}

/// What is to be looked at or emptied at a hub, at most one at each lock that isn't `busy`.
pub fn due(db: &Db, hub_id: HubId, now: Millis, busy: &[LockId], limit: u32) -> Result<Vec<UnknownCode>> {
    let mut query = Query::new(SELECT);
    query
        .push(" AND lock.hub_id = ")
        .bind(hub_id)
        .push(" AND lock.online AND unknown_code.next_attempt_at IS NOT NULL");
    query.push(" AND unknown_code.next_attempt_at <= ").bind(now);
    if !busy.is_empty() {
        query.push(" AND lock.id NOT IN (").bind_list(busy).push(")");
    }
    query.push(" GROUP BY unknown_code.lock_id ORDER BY unknown_code.next_attempt_at LIMIT ").bind(limit);
    query.all(db)
}

/// When a hub's next one is due.
pub fn next_due(db: &Db, hub_id: HubId) -> Result<Option<Millis>> {
    let sql = "SELECT min(next_attempt_at) FROM unknown_code JOIN lock ON lock.id = unknown_code.lock_id \
               WHERE lock.hub_id = ? AND lock.online AND next_attempt_at IS NOT NULL";
    sql::value(db, sql, [hub_id])
}
