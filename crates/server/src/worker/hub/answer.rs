//! What a lock's answer says of its presence, and how it is put down.

use api_types::{Action, Outcome};
use hub::{LockError, backoff};
use store::audit::NewEvent;
use store::placements::{PlacementRecord, PlacementState, Progress};
use store::{Millis, Tx, codes};
use uuid::Uuid;

use super::worker::HubWorker;
use crate::domain::{By, code_subject};

/// After so many tries a placement is shown as failed, or a removal as an incident, though it is still tried.
pub(super) const TRIES_BEFORE_FAILED: u32 = 5;

impl HubWorker {
    /// Milliseconds to wait before the next try.
    pub(super) fn pause(&self, tries: u32) -> store::Result<Millis> {
        let random = getrandom::u64().map_err(|_| store::Error::NoRandomness)?;
        Ok(backoff::delay(tries, random).as_millis() as Millis)
    }

    /// What doesn't answer is left aside; what does is taken back.
    pub(in crate::worker) fn note_answer(&self, lock_id: Uuid, error: Option<&LockError>, now: Millis) {
        match error {
            Some(error @ (LockError::HubOffline | LockError::LockOffline | LockError::TimedOut)) => {
                self.aside.leave(lock_id, error, now);
            }
            _ => self.aside.take_back(lock_id),
        }
    }

    /// Every answer of a lock is news of its presence, also one that says no.
    pub(super) fn heard(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        error: &LockError,
        now: Millis,
    ) -> store::Result<()> {
        match error {
            LockError::HubOffline => self.hub_online(tx, false, now),
            LockError::LockOffline => self.lock_online(tx, placement.lock_id, false, now),
            LockError::TimedOut => Ok(()),
            _ => self.lock_answered(tx, placement, now),
        }
    }

    pub(super) fn lock_answered(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
        if placement.is_thought_offline() {
            self.hub_online(tx, true, now)?;
            self.lock_online(tx, placement.lock_id, true, now)?;
        }
        Ok(())
    }
}

/// What is stored of a try that failed.
pub(super) fn failure(
    state: PlacementState,
    slot: Option<u16>,
    error: &LockError,
    next_attempt_at: Option<Millis>,
) -> Progress<'static> {
    Progress {
        state,
        slot,
        reason: Some(error.reason()),
        evidence: None,
        protocol_error: Some(error.protocol_error()),
        next_attempt_at,
        tried: true,
    }
}

/// Puts on record what came of a try.
pub(super) fn record(
    tx: &Tx,
    placement: &PlacementRecord,
    action: Action,
    outcome: Outcome,
    code: Option<&str>,
    detail: &str,
    now: Millis,
) -> store::Result<()> {
    let Some(holder) = codes::holder(tx, placement.code_id)? else { return Ok(()) };
    let event = NewEvent {
        property_id: Some(placement.property_id),
        resident_id: holder.tenancy_id,
        door_id: Some(placement.door_id),
        outcome,
        code: code.map(str::to_owned),
        detail: format!("{}: {detail}", placement.door_name),
        ..By::system().event(action, code_subject(&holder))
    };
    tx.record(now, event)?;
    Ok(())
}
