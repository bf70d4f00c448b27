//! Placements: what is on which lock (R25), and what the lock workers have to do.
//!
//! `wanted` is what should be, `state` what is. A row with `next_attempt_at` is work; it was written in the transaction
//! of the change that made it, so that no wish is lost. Every change of what is wanted raises `generation`; a worker's
//! result counts only for the generation it worked on.

use api_types::{Placement, PlacementStatus};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::doors::{DoorRecord, push_ids};
use crate::names::{Name, names};
use crate::vault::Fingerprint;
use crate::{Db, Millis, Result, Tx, instant};

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

    pub(crate) fn of_text(text: &str) -> Result<Self> {
        Self::of(text)
    }
}

/// A placement.
#[derive(Clone, Debug, FromRow)]
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
    state: String,
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

impl PlacementRecord {
    /// The state.
    pub fn state(&self) -> PlacementState {
        PlacementState::of(&self.state).expect("the column is checked")
    }

    /// Has it ever been of interest: a guest code's placement before its first window is not.
    pub fn begun(&self) -> bool {
        self.wanted || self.state() != PlacementState::Pending
    }

    /// As people see it; with slot, attempts and the protocol's error for support (R26).
    pub fn describe(&self, for_support: bool) -> Placement {
        let status = self.state().status();
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
            "Revoke a code of this door that is no longer needed, then ask for this one again."
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

/// A code's placements, by door.
pub async fn of_code(db: &mut Db, code_id: Uuid) -> Result<Vec<PlacementRecord>> {
    of_codes(db, &[code_id]).await
}

/// The placements of several codes, by door.
pub async fn of_codes(db: &mut Db, code_ids: &[Uuid]) -> Result<Vec<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    push_ids(&mut query, "placement.code_id", code_ids);
    query.push(" ORDER BY door.sort_key, placement.id");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// The placements of every code of a tenancy: the resident's own, past ones too, and their guests'.
pub async fn of_tenancy(db: &mut Db, tenancy_id: Uuid) -> Result<Vec<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND placement.code_id IN (SELECT id FROM code WHERE tenancy_id = ").push_bind(tenancy_id);
    query.push(") ORDER BY door.sort_key, placement.id");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// One placement.
pub async fn get(db: &mut Db, id: Uuid) -> Result<Option<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND placement.id = ").push_bind(id);
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// The placement that holds this slot of this lock.
pub async fn by_slot(db: &mut Db, lock_id: Uuid, slot: u16) -> Result<Option<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND placement.lock_id = ").push_bind(lock_id).push(" AND placement.slot = ").push_bind(slot);
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// The placements by which a tenancy's own codes are to be on a lock: the current one and, while that isn't confirmed,
/// those before it.
pub async fn wanted_own(db: &mut Db, tenancy_id: Uuid, lock_id: Uuid) -> Result<Vec<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND placement.lock_id = ").push_bind(lock_id);
    query.push(" AND placement.wanted AND placement.code_id IN (SELECT id FROM code WHERE tenancy_id = ");
    query.push_bind(tenancy_id).push(" AND holder = 'resident') ORDER BY placement.id DESC");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// Every placement that a lock may hold, for a simulated lock to remember after a restart.
pub async fn with_slots(db: &mut Db) -> Result<Vec<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND placement.slot IS NOT NULL");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// Work that is due for a hub: removals first, then the oldest.
pub async fn due(db: &mut Db, hub_id: Uuid, now: Millis, limit: u32) -> Result<Vec<PlacementRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND placement.hub_id = ").push_bind(hub_id);
    query.push(" AND placement.next_attempt_at <= ").push_bind(now);
    query.push(" ORDER BY placement.wanted, placement.next_attempt_at, placement.id LIMIT ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// When work of a hub is due next.
pub async fn next_due(db: &mut Db, hub_id: Uuid) -> Result<Option<Millis>> {
    Ok(sqlx::query_scalar(
        "SELECT min(next_attempt_at) FROM placement WHERE hub_id = ? AND next_attempt_at IS NOT NULL",
    )
    .bind(hub_id)
    .fetch_one(db)
    .await?)
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
pub async fn insert(tx: &mut Tx, new: &NewPlacement<'_>, now: Millis) -> Result<()> {
    sqlx::query(
        "INSERT INTO placement (id, code_id, property_id, door_id, lock_id, hub_id, wanted, state, since, \
         next_attempt_at, fingerprint, replaces) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)",
    )
    .bind(Uuid::now_v7())
    .bind(new.code_id)
    .bind(new.door.property_id)
    .bind(new.door.id)
    .bind(new.door.lock_id)
    .bind(new.door.hub_id)
    .bind(new.wanted)
    .bind(now)
    .bind(new.wanted.then_some(now))
    .bind(&new.fingerprint)
    .bind(new.replaces)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The code of the live placement with that fingerprint on that lock.
pub async fn holder_of(db: &mut Db, lock_id: Uuid, fingerprint: &[u8]) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar("SELECT code_id FROM placement WHERE lock_id = ? AND fingerprint = ?")
        .bind(lock_id)
        .bind(fingerprint)
        .fetch_optional(db)
        .await?)
}

/// All live fingerprints on a lock: what random generation has to avoid (R17).
pub async fn fingerprints(db: &mut Db, lock_id: Uuid) -> Result<Vec<Fingerprint>> {
    Ok(sqlx::query_scalar("SELECT fingerprint FROM placement WHERE lock_id = ? AND fingerprint IS NOT NULL")
        .bind(lock_id)
        .fetch_all(db)
        .await?)
}

/// Changes what is wanted of all placements of a code that want something else, and makes the work.
///
/// A placement that was never written is removed at once; one that may be on the lock is to be taken off. Those that
/// another placement takes the place of are left to it: make before break (R27).
pub async fn want(tx: &mut Tx, code_id: Uuid, wanted: bool, now: Millis) -> Result<()> {
    let sql = if wanted {
        "UPDATE placement SET wanted = 1, state = 'pending', since = ?1, generation = generation + 1, attempts = 0, \
         next_attempt_at = ?1, reason = NULL, evidence = NULL, protocol_error = NULL WHERE code_id = ?2 AND NOT wanted"
    } else {
        "UPDATE placement SET wanted = 0, since = ?1, generation = generation + 1, attempts = 0, \
         state = CASE WHEN slot IS NULL AND state <> 'writing' THEN 'removed' ELSE 'removing' END, \
         next_attempt_at = CASE WHEN slot IS NULL AND state <> 'writing' THEN NULL ELSE ?1 END, \
         reason = NULL, evidence = NULL, protocol_error = NULL WHERE code_id = ?2 AND wanted"
    };
    sqlx::query(sql).bind(now).bind(code_id).execute(&mut **tx).await?;
    release_fingerprints(tx, code_id).await?;
    crate::codes::refresh_status(tx, code_id).await
}

/// Takes one placement off its lock, as [`want`] does for a whole code.
pub async fn unwant_one(tx: &mut Tx, id: Uuid, now: Millis) -> Result<()> {
    let code_id: Option<Uuid> = sqlx::query_scalar(
        "UPDATE placement SET wanted = 0, since = ?1, generation = generation + 1, attempts = 0, \
         state = CASE WHEN slot IS NULL AND state <> 'writing' THEN 'removed' ELSE 'removing' END, \
         next_attempt_at = CASE WHEN slot IS NULL AND state <> 'writing' THEN NULL ELSE ?1 END, \
         reason = NULL, evidence = NULL, protocol_error = NULL WHERE id = ?2 AND wanted RETURNING code_id",
    )
    .bind(now)
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(code_id) = code_id {
        release_fingerprints(tx, code_id).await?;
        crate::codes::refresh_status(tx, code_id).await?;
    }
    Ok(())
}

/// Frees the digits of an ended code on the locks that no longer hold it.
pub async fn release_fingerprints(tx: &mut Tx, code_id: Uuid) -> Result<()> {
    sqlx::query(
        "UPDATE placement SET fingerprint = NULL WHERE code_id = ? AND state = 'removed' AND fingerprint IS NOT NULL \
         AND (SELECT ended_at FROM code WHERE code.id = placement.code_id) IS NOT NULL",
    )
    .bind(code_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The lowest slot of the lock that no placement holds.
pub async fn free_slot(db: &mut Db, lock_id: Uuid) -> Result<Option<u16>> {
    let total: u16 =
        sqlx::query_scalar("SELECT slots_total FROM lock WHERE id = ?").bind(lock_id).fetch_one(&mut *db).await?;
    let used: Vec<u16> =
        sqlx::query_scalar("SELECT slot FROM placement WHERE lock_id = ? AND slot IS NOT NULL ORDER BY slot")
            .bind(lock_id)
            .fetch_all(db)
            .await?;
    Ok((1..=total).find(|slot| used.binary_search(slot).is_err()))
}

/// Before a code is written: reserves the slot and leaves the work in the outbox, so that a restart goes on with it.
/// Answers `false` when it is no longer wanted.
///
/// What people see changes only for a first try: a placement that waits or failed says so until that is over.
pub async fn reserve(tx: &mut Tx, placement: &PlacementRecord, slot: Option<u16>, now: Millis) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE placement SET since = CASE WHEN state = 'pending' THEN ?1 ELSE since END, \
         state = CASE WHEN state = 'pending' THEN 'writing' ELSE state END, slot = ?2, next_attempt_at = ?1 \
         WHERE id = ?3 AND generation = ?4",
    )
    .bind(now)
    .bind(slot)
    .bind(placement.id)
    .bind(placement.generation)
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// After a code was written over the one before it: the slot is the new one's, wanted still or not. If not, it is to
/// be taken off again.
pub async fn take_over_slot(tx: &mut Tx, id: Uuid, replaced: Uuid, slot: u16, now: Millis) -> Result<()> {
    unwant_one(tx, replaced, now).await?;
    let code_id: Option<Uuid> = sqlx::query_scalar(
        "UPDATE placement SET state = 'removed', slot = NULL, next_attempt_at = NULL, reason = NULL WHERE id = ? \
         RETURNING code_id",
    )
    .bind(replaced)
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(code_id) = code_id {
        release_fingerprints(tx, code_id).await?;
        crate::codes::refresh_status(tx, code_id).await?;
    }
    sqlx::query(
        "UPDATE placement SET slot = ?1, state = CASE WHEN wanted THEN state ELSE 'removing' END, \
         next_attempt_at = CASE WHEN wanted THEN next_attempt_at ELSE ?2 END WHERE id = ?3",
    )
    .bind(slot)
    .bind(now)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
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
}

impl<'a> Progress<'a> {
    /// Nothing more to do, and nothing wrong.
    pub fn settled(state: PlacementState, slot: Option<u16>, evidence: Option<&'a str>) -> Self {
        Self { state, slot, reason: None, evidence, protocol_error: None, next_attempt_at: None }
    }
}

/// Stores what came of a try, unless what is wanted has changed since. Answers whether it was stored.
///
/// `since` moves only when the state changes.
pub async fn advance(tx: &mut Tx, placement: &PlacementRecord, progress: &Progress<'_>, now: Millis) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE placement SET since = CASE WHEN state = ?1 THEN since ELSE ?2 END, state = ?1, slot = ?3, reason = ?4, \
         evidence = ?5, protocol_error = ?6, next_attempt_at = ?7, attempts = attempts + 1 \
         WHERE id = ?8 AND generation = ?9",
    )
    .bind(progress.state.name())
    .bind(now)
    .bind(progress.slot)
    .bind(progress.reason)
    .bind(progress.evidence)
    .bind(&progress.protocol_error)
    .bind(progress.next_attempt_at)
    .bind(placement.id)
    .bind(placement.generation)
    .execute(&mut **tx)
    .await?
    .rows_affected()
        == 1;
    if changed {
        release_fingerprints(tx, placement.code_id).await?;
        crate::codes::refresh_status(tx, placement.code_id).await?;
    }
    Ok(changed)
}

/// Makes everything that waits for this lock due now: it is back (R28).
pub async fn retry_lock_now(tx: &mut Tx, lock_id: Uuid, now: Millis) -> Result<()> {
    sqlx::query("UPDATE placement SET next_attempt_at = ? WHERE lock_id = ? AND next_attempt_at > ?")
        .bind(now)
        .bind(lock_id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Makes everything that waits for this hub due now.
pub async fn retry_hub_now(tx: &mut Tx, hub_id: Uuid, now: Millis) -> Result<()> {
    sqlx::query("UPDATE placement SET next_attempt_at = ? WHERE hub_id = ? AND next_attempt_at > ?")
        .bind(now)
        .bind(hub_id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
