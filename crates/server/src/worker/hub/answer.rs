//! What a lock's answer says about its presence, and how it is recorded.

use api_types::{Action, Outcome, PlacementReason, Said};
use hub::{LockError, backoff};
use ids::LockId;
use store::audit::NewEvent;
use store::placements::{Failure, Kind, PlacementRecord};
use store::{Millis, Tx, codes};

use super::worker::HubWorker;
use crate::domain::{By, code_event};

impl HubWorker {
    /// The delay before the next attempt, in milliseconds.
    pub(super) fn retry_delay(&self, tries: u32) -> store::Result<Millis> {
        let random = getrandom::u64().map_err(|_| store::Error::NoRandomness)?;
        Ok(backoff::delay(tries, random).as_millis() as Millis)
    }

    /// Notes whether a lock answered: what doesn't answer is left alone for a while, what does no longer is.
    pub(in crate::worker) fn note_answer(&self, lock_id: LockId, error: Option<&LockError>, now: Millis) {
        match error {
            Some(error @ (LockError::HubOffline | LockError::LockOffline | LockError::TimedOut)) => {
                self.unreachable.add(lock_id, error, now);
            }
            Some(error) if !is_from_lock(error) => {}
            _ => self.unreachable.clear_lock(lock_id),
        }
    }

    /// Notes a failure's bearing on presence: any answer from a lock, even a refusal, shows that it is there.
    pub(super) fn note_failure(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        error: &LockError,
        now: Millis,
    ) -> store::Result<()> {
        match error {
            LockError::HubOffline => self.hub_online(tx, false, now),
            LockError::LockOffline => self.lock_online(tx, placement.lock_id, false, now),
            error if is_from_lock(error) => self.lock_answered(tx, placement, now),
            _ => Ok(()),
        }
    }

    pub(super) fn lock_answered(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
        if placement.is_presumed_offline() {
            self.hub_online(tx, true, now)?;
            self.lock_online(tx, placement.lock_id, true, now)?;
        }
        Ok(())
    }
}

/// Why a lock didn't do what it was asked, as it is stored, recorded and sent to clients.
pub(super) fn reason(error: &LockError) -> PlacementReason {
    match error {
        LockError::HubOffline => PlacementReason::HubOffline,
        LockError::LockOffline => PlacementReason::LockOffline,
        LockError::SlotsFull => PlacementReason::SlotsFull,
        LockError::LengthNotSupported => PlacementReason::LengthNotSupported,
        LockError::DuplicateOnLock => PlacementReason::DuplicateOnLock,
        LockError::TimedOut => PlacementReason::TimedOut,
        LockError::Rejected(_) => PlacementReason::Rejected,
        LockError::NotSupported => PlacementReason::NotSupported,
        LockError::UnknownLock => PlacementReason::UnknownLock,
    }
}

/// Whether it is the lock that answered: what a lock can do, and whether there is such a lock, its hub knows by itself.
fn is_from_lock(error: &LockError) -> bool {
    match error {
        LockError::SlotsFull | LockError::DuplicateOnLock | LockError::Rejected(_) => true,
        LockError::HubOffline
        | LockError::LockOffline
        | LockError::TimedOut
        | LockError::LengthNotSupported
        | LockError::NotSupported
        | LockError::UnknownLock => false,
    }
}

/// What a placement is told about an attempt that failed.
pub(super) fn failure(error: &LockError) -> Failure {
    let kind = match error {
        error if error.is_permanent() => Kind::Permanent,
        error if error.is_offline() => Kind::Offline,
        _ => Kind::Transient,
    };
    Failure { kind, reason: reason(error), protocol_error: error.protocol_error() }
}

/// Records the outcome of an attempt, with what is said of it and that in English.
pub(super) fn record(
    tx: &Tx,
    placement: &PlacementRecord,
    action: Action,
    outcome: Outcome,
    reason: Option<PlacementReason>,
    (said, detail): (Said, &str),
    now: Millis,
) -> store::Result<()> {
    let Some(holder) = codes::holder(tx, placement.code_id)? else { return Ok(()) };
    let mut event = NewEvent {
        door_id: Some(placement.door_id),
        outcome,
        code: reason.map(|reason| reason.name().to_owned()),
        cause: placement.cause,
        ..code_event(&By::system(), action, &holder)
    };
    event.say(said, [&placement.door_name], format!("{}: {detail}", placement.door_name));
    tx.record(now, event)?;
    Ok(())
}
