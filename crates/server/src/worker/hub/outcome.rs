//! Storing the outcome of writing a code, with its event.

use api_types::{Action, Evidence, Outcome, PlacementReason, Said};
use hub::LockError;
use store::incidents::Incident;
use store::placements::{self, PlacementRecord, PlacementState, Progress};
use store::{Millis, Tx};

use super::answer::{TRIES_BEFORE_FAILED, failed_attempt, reason, record};
use super::target::Target;
use super::worker::HubWorker;
use crate::domain::damage;

impl HubWorker {
    pub(super) fn written(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        target: Target,
        evidence: Evidence,
        now: Millis,
    ) -> store::Result<()> {
        self.lock_answered(tx, placement, now)?;
        // What it replaces goes because of it.
        tx.because_of(placement.cause);
        if let Target::Overwrite { slot, replaced } = target {
            placements::take_over_slot(tx, placement.id, replaced, slot.number(), now)?;
        }
        let progress = Progress::settled(PlacementState::OnLock, Some(target.slot().number()), Some(evidence));
        if !placements::advance(tx, placement, &progress, now)? {
            return Ok(());
        }
        if let (Some(replaced), Target::Free(_)) = (placement.replaces, target) {
            placements::mark_unwanted(tx, replaced, now)?;
        }
        placements::leave_former_locks(tx, placement, now)?;
        let how = if evidence == Evidence::ReadBack { "Read back from the lock." } else { "Accepted by the lock." };
        let detail = match target {
            Target::Overwrite { .. } => format!("{how} Written over the code before it: no slot was free."),
            Target::Free(_) => how.to_owned(),
        };
        let said = match target {
            Target::Overwrite { .. } => Said::Overwritten,
            Target::Free(_) if evidence == Evidence::ReadBack => Said::ReadBack,
            Target::Free(_) => Said::Accepted,
        };
        record(tx, placement, Action::PlacementOnLock, Outcome::Done, None, (said, &detail), now)
    }

    pub(super) fn not_written(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        slot: Option<u16>,
        error: &LockError,
        now: Millis,
    ) -> store::Result<()> {
        self.note_failure(tx, placement, error, now)?;
        let tries = placement.attempts + 1;
        let again_at = now + self.retry_delay(tries)?;
        let (state, next_attempt_at) = if error.is_permanent() {
            (PlacementState::Failed, None)
        } else if error.is_offline() {
            (PlacementState::WaitingOffline, Some(again_at))
        } else if tries >= TRIES_BEFORE_FAILED {
            (PlacementState::Failed, Some(again_at))
        } else {
            (PlacementState::Pending, Some(again_at))
        };
        let progress = failed_attempt(state, slot, error, next_attempt_at);
        let stored = placements::advance(tx, placement, &progress, now)?;
        self.record_not_written(tx, placement, state, error, stored, now)
    }

    fn record_not_written(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        state: PlacementState,
        error: &LockError,
        stored: bool,
        now: Millis,
    ) -> store::Result<()> {
        // Already recorded, or no longer of interest.
        if !stored || placement.state() == state {
            return Ok(());
        }
        let (action, outcome) = match state {
            PlacementState::WaitingOffline => (Action::PlacementWaiting, Outcome::Done),
            PlacementState::Failed => (Action::PlacementFailed, Outcome::Failed),
            _ => return Ok(()),
        };
        record(tx, placement, action, outcome, Some(reason(error)), (Said::Door, &error.to_string()), now)
    }

    /// A code that doesn't open can't be written. It is set aside as failed; everything else carries on.
    pub(super) fn unreadable(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        error: &store::Error,
        now: Millis,
    ) -> store::Result<()> {
        damage::report(tx, &Incident::of_code(placement.code_id, placement.property_id, error), now)?;
        let progress = Progress {
            reason: Some(PlacementReason::CodeUnreadable),
            ..Progress::settled(PlacementState::Failed, placement.slot, None)
        };
        if placements::advance(tx, placement, &progress, now)? {
            let detail = "The record of its digits is damaged.";
            let (action, code) = (Action::PlacementFailed, Some(PlacementReason::CodeUnreadable));
            record(tx, placement, action, Outcome::Failed, code, (Said::Door, detail), now)?;
        }
        Ok(())
    }

    /// The placement's lock or hub is being left alone and wasn't contacted for it: the placement waits with the
    /// others.
    pub(super) fn not_reached(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        error: &LockError,
        until: Millis,
        now: Millis,
    ) -> store::Result<()> {
        if !placement.wanted {
            return self.not_removed(tx, placement, error, Some(until), now);
        }
        // A lock that is merely slow to answer may hold what was written; that will show when it answers.
        let state = if error.is_offline() { PlacementState::WaitingOffline } else { placement.state() };
        let progress = Progress { tried: false, ..failed_attempt(state, placement.slot, error, Some(until)) };
        let stored = placements::advance(tx, placement, &progress, now)?;
        self.record_not_written(tx, placement, state, error, stored, now)
    }
}
