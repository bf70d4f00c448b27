//! Placements: what is on which lock (R25), and what the lock workers have to do.
//!
//! `wanted` is what should be, `state` what is. A row with `next_attempt_at` is work; it was written in the transaction
//! of the change that made it, so that no wish is lost. Every change of what is wanted raises `generation`; a worker's
//! result counts only for the generation it worked on.

use std::collections::HashSet;

use api_types::{Placement, PlacementStatus};
use rusqlite::params;
use uuid::Uuid;

use crate::doors::{DoorRecord, push_ids};
use crate::names::{Name, names};
use crate::vault::Fingerprint;
use crate::{Db, Millis, Query, Result, Tx, instant, sql};

/// The states of R25.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementState {
    /// Wanted, not begun.
    Pending,
    /// Being written.
    Writing,
    /// Accepted by the lock, being read back.
    Confirming,
    /// On the lock.
    OnLock,
    /// The lock or its hub is offline.
    WaitingOffline,
    /// Not on the lock, and not tried again without a change.
    Failed,
    /// Being taken off.
    Removing,
    /// Not on the lock.
    Removed,
    /// The removal can't be confirmed: an incident (R24). Still tried.
    RemovalFailed,
    /// The lock holds something else than we wrote.
    Drifted,
}

names!(PlacementState {
    Pending = "pending",
    Writing = "writing",
    Confirming = "confirming",
    OnLock = "on_lock",
    WaitingOffline = "waiting_offline",
    Failed = "failed",
    Removing = "removing",
    Removed = "removed",
    RemovalFailed = "removal_failed",
    Drifted = "drifted",
});

impl PlacementState {
    /// What people see (R26).
    pub fn status(self) -> PlacementStatus {
        match self {
            Self::Pending | Self::Writing | Self::Confirming => PlacementStatus::Sending,
            Self::OnLock => PlacementStatus::Working,
            Self::WaitingOffline => PlacementStatus::Waiting,
            Self::Failed | Self::Drifted => PlacementStatus::Failed,
            Self::Removing | Self::RemovalFailed => PlacementStatus::BeingRemoved,
            Self::Removed => PlacementStatus::Removed,
        }
    }
}

/// A placement.
#[derive(Clone, Debug)]
pub struct PlacementRecord {
    /// The placement's id.
    pub id: Uuid,
    /// The code.
    pub code_id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// The door.
    pub door_id: Uuid,
    /// The door's name.
    pub door_name: String,
    /// The lock.
    pub lock_id: Uuid,
    /// The lock's hub.
    pub hub_id: Uuid,
    /// Should the lock hold it now?
    pub wanted: bool,
    state: PlacementState,
    /// Since when it is in this state.
    pub since: Millis,
    /// The lock's slot, while the lock may hold it.
    pub slot: Option<u16>,
    /// Goes up with every change of what is wanted.
    pub generation: i64,
    /// Tries since what is wanted last changed.
    pub attempts: u32,
    /// Why it isn't where it should be.
    pub reason: Option<String>,
    /// How we know that it is: `accepted` or `read_back`.
    pub evidence: Option<String>,
    /// What the lock's protocol said; for support.
    pub protocol_error: Option<String>,
    /// The placement on the same lock that this one takes the place of (R27).
    pub replaces: Option<Uuid>,
    lock_offline_since: Option<Millis>,
}

sql::from_row!(PlacementRecord {
    id,
    code_id,
    property_id,
    door_id,
    door_name,
    lock_id,
    hub_id,
    wanted,
    state as Named,
    since as Moment,
    slot,
    generation,
    attempts,
    reason,
    evidence,
    protocol_error,
    replaces,
    lock_offline_since as Moment,
});

impl PlacementRecord {
    /// The state.
    pub fn state(&self) -> PlacementState {
        self.state
    }

    /// Has it ever been of interest: a guest code's placement before its first window is not.
    pub fn begun(&self) -> bool {
        self.wanted || self.state != PlacementState::Pending
    }

    /// Is its lock, or the lock's hub, thought offline?
    pub fn is_thought_offline(&self) -> bool {
        self.lock_offline_since.is_some()
    }

    /// As people see it; with slot, attempts and the protocol's error for support (R26).
    pub fn describe(&self, for_support: bool) -> Placement {
        let status = self.state.status();
        let since = match status {
            PlacementStatus::Waiting => self.lock_offline_since.unwrap_or(self.since),
            _ => self.since,
        };
        Placement {
            door_id: self.door_id,
            door_name: self.door_name.clone(),
            status,
            since: instant(since),
            evidence: self.evidence.clone(),
            reason: self.reason.clone(),
            next_step: next_step(status, self.reason.as_deref()),
            slot: self.slot.filter(|_| for_support),
            attempts: for_support.then_some(self.attempts),
            protocol_error: self.protocol_error.clone().filter(|_| for_support),
        }
    }
}

/// What a person can do about a status, as a sentence (R26).
pub fn next_step(status: PlacementStatus, reason: Option<&str>) -> Option<String> {
    let sentence = match (status, reason) {
        (PlacementStatus::Waiting, Some("hub_offline")) => {
            "Check the hub's power and network. The code is sent as soon as the hub is back."
        }
        (PlacementStatus::Waiting, _) => "Check the lock's batteries. The code is sent as soon as the lock is back.",
        (PlacementStatus::Failed, Some("slots_full")) => {
            "Revoke a code of this door that is no longer needed. This one is sent as soon as there is room."
        }
        (PlacementStatus::Failed, Some("length_not_supported")) => {
            "This lock takes codes of another length. Choose the other length."
        }
        (PlacementStatus::Failed, Some("duplicate_on_lock")) => "Take another code.",
        (PlacementStatus::Failed, _) => "Contact support.",
        (PlacementStatus::BeingRemoved, Some("hub_offline")) => {
            "Check the hub's power and network. Until the lock confirms, this code still opens the door."
        }
        (PlacementStatus::BeingRemoved, Some("lock_offline")) => {
            "Check the lock's batteries. Until the lock confirms, this code still opens the door."
        }
        (PlacementStatus::BeingRemoved, Some(_)) => {
            "Contact support. Until the lock confirms, this code still opens the door."
        }
        _ => return None,
    };
    Some(sentence.to_owned())
}

const SELECT: &str = "SELECT placement.id, placement.code_id, placement.property_id, placement.door_id, \
     door.name AS door_name, placement.lock_id, placement.hub_id, placement.wanted, placement.state, placement.since, \
     placement.slot, placement.generation, placement.attempts, placement.reason, placement.evidence, \
     placement.protocol_error, placement.replaces, \
     CASE WHEN NOT hub.online THEN hub.since WHEN NOT lock.online THEN lock.since END AS lock_offline_since \
     FROM placement JOIN door ON door.id = placement.door_id JOIN lock ON lock.id = placement.lock_id \
     JOIN hub ON hub.id = placement.hub_id WHERE TRUE";

/// A code's placements that can be read, by door.
pub fn of_code(db: &Db, code_id: Uuid) -> Result<Vec<PlacementRecord>> {
    of_codes(db, &[code_id])
}

/// The placements of several codes that can be read, by door.
pub fn of_codes(db: &Db, code_ids: &[Uuid]) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    push_ids(&mut query, "placement.code_id", code_ids);
    query.push(" ORDER BY door.sort_key, placement.id");
    query.all_readable(db)
}

/// The placements of every code of a tenancy that can be read: the resident's own, past ones too, and their guests'.
pub fn of_tenancy(db: &Db, tenancy_id: Uuid) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.code_id IN (SELECT id FROM code WHERE tenancy_id = ").bind(tenancy_id);
    query.push(") ORDER BY door.sort_key, placement.id");
    query.all_readable(db)
}

/// One placement.
pub fn get(db: &Db, id: Uuid) -> Result<Option<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.id = ").bind(id);
    query.optional(db)
}

/// The placement that holds this slot of this lock.
pub fn by_slot(db: &Db, lock_id: Uuid, slot: u16) -> Result<Option<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id).push(" AND placement.slot = ").bind(slot);
    query.optional(db)
}

/// The placements by which a tenancy's own codes are to be on a lock: the current one and, while that isn't confirmed,
/// those before it.
pub fn wanted_own(db: &Db, tenancy_id: Uuid, lock_id: Uuid) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id);
    query.push(" AND placement.wanted AND placement.code_id IN (SELECT id FROM code WHERE tenancy_id = ");
    query.bind(tenancy_id).push(" AND holder = 'resident') ORDER BY placement.id DESC");
    query.all(db)
}

/// Every placement that a lock may hold and that can be read, for a simulated lock to remember after a restart.
pub fn with_slots(db: &Db) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.slot IS NOT NULL");
    query.all_readable(db)
}

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

/// A code to be put on a door's lock.
pub struct NewPlacement<'a> {
    /// The code.
    pub code_id: Uuid,
    /// The door.
    pub door: &'a DoorRecord,
    /// The code's fingerprint on that lock; the index refuses a second live one (R11).
    pub fingerprint: Fingerprint,
    /// From now on; `false` for a guest code before its first window.
    pub wanted: bool,
    /// The placement it takes the place of (R27).
    pub replaces: Option<Uuid>,
}

/// Adds a placement, and with it the work, if it is wanted now.
///
/// # Errors
/// A unique violation when another live code on that lock has the same digits.
pub fn insert(tx: &Tx, new: &NewPlacement<'_>, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO placement (id, code_id, property_id, door_id, lock_id, hub_id, wanted, state, since, \
         next_attempt_at, fingerprint, replaces) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)",
        params![
            Uuid::now_v7(),
            new.code_id,
            new.door.property_id,
            new.door.id,
            new.door.lock_id,
            new.door.hub_id,
            new.wanted,
            now,
            new.wanted.then_some(now),
            new.fingerprint,
            new.replaces
        ],
    )?;
    Ok(())
}

/// The code of the live placement with that fingerprint on that lock.
pub fn holder_of(db: &Db, lock_id: Uuid, fingerprint: &[u8]) -> Result<Option<Uuid>> {
    sql::optional_value(
        db,
        "SELECT code_id FROM placement WHERE lock_id = ? AND fingerprint = ?",
        params![lock_id, fingerprint],
    )
}

/// All live fingerprints on a lock: what random generation has to avoid (R17).
pub fn fingerprints(db: &Db, lock_id: Uuid) -> Result<Vec<Fingerprint>> {
    sql::values(db, "SELECT fingerprint FROM placement WHERE lock_id = ? AND fingerprint IS NOT NULL", [lock_id])
}

/// Changes what is wanted of all placements of a code that want something else, and makes the work.
///
/// A placement that was never written is removed at once; one that may be on the lock is to be taken off. Those that
/// another placement takes the place of are left to it: make before break (R27).
pub fn want(tx: &Tx, code_id: Uuid, wanted: bool, now: Millis) -> Result<()> {
    let sql = if wanted {
        "UPDATE placement SET wanted = 1, state = 'pending', since = ?1, generation = generation + 1, attempts = 0, \
         next_attempt_at = ?1, reason = NULL, evidence = NULL, protocol_error = NULL WHERE code_id = ?2 AND NOT wanted"
    } else {
        "UPDATE placement SET wanted = 0, since = ?1, generation = generation + 1, attempts = 0, \
         state = CASE WHEN slot IS NULL AND state <> 'writing' THEN 'removed' ELSE 'removing' END, \
         next_attempt_at = CASE WHEN slot IS NULL AND state <> 'writing' THEN NULL ELSE ?1 END, \
         reason = NULL, evidence = NULL, protocol_error = NULL WHERE code_id = ?2 AND wanted"
    };
    sql::execute(tx, sql, params![now, code_id])?;
    release_fingerprints(tx, code_id)?;
    crate::codes::refresh_status(tx, code_id)
}

/// Takes one placement off its lock, as [`want`] does for a whole code.
pub fn unwant_one(tx: &Tx, id: Uuid, now: Millis) -> Result<()> {
    let code_id: Option<Uuid> = sql::optional_value(
        tx,
        "UPDATE placement SET wanted = 0, since = ?1, generation = generation + 1, attempts = 0, \
         state = CASE WHEN slot IS NULL AND state <> 'writing' THEN 'removed' ELSE 'removing' END, \
         next_attempt_at = CASE WHEN slot IS NULL AND state <> 'writing' THEN NULL ELSE ?1 END, \
         reason = NULL, evidence = NULL, protocol_error = NULL WHERE id = ?2 AND wanted RETURNING code_id",
        params![now, id],
    )?;
    if let Some(code_id) = code_id {
        release_fingerprints(tx, code_id)?;
        crate::codes::refresh_status(tx, code_id)?;
    }
    Ok(())
}

/// Frees the digits of an ended code on the locks that no longer hold it.
pub fn release_fingerprints(tx: &Tx, code_id: Uuid) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET fingerprint = NULL WHERE code_id = ? AND state = 'removed' AND fingerprint IS NOT NULL \
         AND (SELECT ended_at FROM code WHERE code.id = placement.code_id) IS NOT NULL",
        [code_id],
    )?;
    Ok(())
}

/// The lowest slot of the lock that no placement holds.
pub fn free_slot(db: &Db, lock_id: Uuid) -> Result<Option<u16>> {
    let total: u16 = sql::value(db, "SELECT slots_total FROM lock WHERE id = ?", [lock_id])?;
    let used: Vec<u16> =
        sql::values(db, "SELECT slot FROM placement WHERE lock_id = ? AND slot IS NOT NULL ORDER BY slot", [lock_id])?;
    Ok((1..=total).find(|slot| used.binary_search(slot).is_err()))
}

/// Before a code is written: reserves the slot and leaves the work in the outbox, so that a restart goes on with it.
/// Answers `false` when it is no longer wanted.
///
/// What people see changes only for a first try: a placement that waits or failed says so until that is over.
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

/// After a code was written over the one before it: the slot is the new one's, wanted still or not. If not, it is to
/// be taken off again. Another slot that was reserved for it is free again.
pub fn take_over_slot(tx: &Tx, id: Uuid, replaced: Uuid, slot: u16, now: Millis) -> Result<()> {
    unwant_one(tx, replaced, now)?;
    let code_id: Option<Uuid> = sql::optional_value(
        tx,
        "UPDATE placement SET state = 'removed', slot = NULL, next_attempt_at = NULL, reason = NULL WHERE id = ? \
         RETURNING code_id",
        [replaced],
    )?;
    if let Some(code_id) = code_id {
        release_fingerprints(tx, code_id)?;
        crate::codes::refresh_status(tx, code_id)?;
    }
    let reserved: Option<(Uuid, Option<u16>)> =
        sql::optional(tx, "SELECT lock_id, slot FROM placement WHERE id = ?", [id])?;
    sql::execute(
        tx,
        "UPDATE placement SET slot = ?1, state = CASE WHEN wanted THEN state ELSE 'removing' END, \
         next_attempt_at = CASE WHEN wanted THEN next_attempt_at ELSE ?2 END WHERE id = ?3",
        params![slot, now, id],
    )?;
    match reserved {
        Some((lock_id, Some(reserved))) if reserved != slot => room_again(tx, lock_id, now),
        _ => Ok(()),
    }
}

/// What a worker found out about a placement.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// The new state.
    pub state: PlacementState,
    /// The slot that the lock may hold the code in from now on.
    pub slot: Option<u16>,
    /// Why it isn't where it should be.
    pub reason: Option<&'a str>,
    /// How we know that it is.
    pub evidence: Option<&'a str>,
    /// What the protocol said, without digits.
    pub protocol_error: Option<String>,
    /// When to try again; `None`: done, or not without a change.
    pub next_attempt_at: Option<Millis>,
    /// The lock was asked: it counts as a try.
    pub tried: bool,
}

impl<'a> Progress<'a> {
    /// Nothing more to do, and nothing wrong.
    pub fn settled(state: PlacementState, slot: Option<u16>, evidence: Option<&'a str>) -> Self {
        Self { state, slot, reason: None, evidence, protocol_error: None, next_attempt_at: None, tried: true }
    }
}

/// Stores what came of a try, unless what is wanted has changed since. Answers whether it was stored.
///
/// `since` moves only when the state changes.
pub fn advance(tx: &Tx, placement: &PlacementRecord, progress: &Progress<'_>, now: Millis) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE placement SET since = CASE WHEN state = ?1 THEN since ELSE ?2 END, state = ?1, slot = ?3, reason = ?4, \
         evidence = ?5, protocol_error = ?6, next_attempt_at = ?7, attempts = attempts + ?8 \
         WHERE id = ?9 AND generation = ?10",
        params![
            progress.state.name(),
            now,
            progress.slot,
            progress.reason,
            progress.evidence,
            progress.protocol_error,
            progress.next_attempt_at,
            progress.tried,
            placement.id,
            placement.generation
        ],
    )? == 1;
    if changed {
        release_fingerprints(tx, placement.code_id)?;
        crate::codes::refresh_status(tx, placement.code_id)?;
        if placement.slot.is_some() && progress.slot.is_none() {
            room_again(tx, placement.lock_id, now)?;
        }
    }
    Ok(changed)
}

/// A slot of the lock is free again: what found none is tried again.
fn room_again(tx: &Tx, lock_id: Uuid, now: Millis) -> Result<()> {
    let codes: Vec<Uuid> = sql::values(
        tx,
        "UPDATE placement SET state = 'pending', since = ?1, attempts = 0, next_attempt_at = ?1, reason = NULL, \
         protocol_error = NULL WHERE lock_id = ?2 AND wanted AND slot IS NULL AND reason = 'slots_full' \
         RETURNING code_id",
        params![now, lock_id],
    )?;
    codes.into_iter().try_for_each(|code_id| crate::codes::refresh_status(tx, code_id))
}

/// Makes everything that waits for this lock due now: it is back (R28).
pub fn retry_lock_now(tx: &Tx, lock_id: Uuid, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET next_attempt_at = ? WHERE lock_id = ? AND next_attempt_at > ?",
        params![now, lock_id, now],
    )?;
    Ok(())
}

/// Makes everything that waits for this hub due now.
pub fn retry_hub_now(tx: &Tx, hub_id: Uuid, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET next_attempt_at = ? WHERE hub_id = ? AND next_attempt_at > ?",
        params![now, hub_id, now],
    )?;
    Ok(())
}
