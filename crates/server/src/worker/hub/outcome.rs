//! Storing the outcome of writing a code, with its event.

use api_types::{Action, Evidence, Outcome, PlacementReason, Said};
use hub::LockError;
use store::incidents::Incident;
use store::placements::{self, Event, News, PlacementRecord, Told};
use store::{Millis, Tx};

use super::answer::{failure, reason, record};
use super::target::Target;
use super::worker::HubWorker;
use crate::domain::damage;

impl HubWorker {
    /// Tells a placement what came of an attempt, unless what is wanted has changed since: then `None`.
    pub(super) fn tell(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        event: Event,
        now: Millis,
    ) -> store::Result<Option<Told>> {
        placements::advance(tx, placement, event, now, &|failures| self.retry_delay(failures))
    }

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
        let slot = target.slot().number();
        if let Target::Overwrite { replaced, .. } = target {
            // It is there now, whether or not that is still wanted.
            placements::tell_what_is(tx, replaced, Event::Gone, now)?;
            placements::tell_what_is(tx, placement.id, Event::WrittenOver { slot }, now)?;
        }
        if self.tell(tx, placement, Event::Confirmed { slot, evidence }, now)?.is_none() {
            return Ok(());
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
        let told = self.tell(tx, placement, Event::NotWritten { failure: failure(error), slot }, now)?;
        record_not_written(tx, placement, told, error, now)
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
        if self.tell(tx, placement, Event::Unreadable, now)?.is_some() {
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
        let told = self.tell(tx, placement, Event::LeftAlone { failure: failure(error), until }, now)?;
        if placement.wanted {
            record_not_written(tx, placement, told, error, now)
        } else {
            record_not_removed(tx, placement, told, error, now)
        }
    }
}

/// Records that a code waits or has failed, where that is news.
fn record_not_written(
    tx: &Tx,
    placement: &PlacementRecord,
    told: Option<Told>,
    error: &LockError,
    now: Millis,
) -> store::Result<()> {
    let (action, outcome) = match told.and_then(|told| told.news) {
        Some(News::Waiting) => (Action::PlacementWaiting, Outcome::Done),
        Some(News::Failed) => (Action::PlacementFailed, Outcome::Failed),
        _ => return Ok(()),
    };
    record(tx, placement, action, outcome, Some(reason(error)), (Said::Door, &error.to_string()), now)
}

/// Records that a code couldn't be taken off yet, where that is news.
pub(super) fn record_not_removed(
    tx: &Tx,
    placement: &PlacementRecord,
    told: Option<Told>,
    error: &LockError,
    now: Millis,
) -> store::Result<()> {
    if told.and_then(|told| told.news) != Some(News::RemovalUnconfirmed) {
        return Ok(());
    }
    let detail = format!("{error}. Until the lock confirms, the code still opens the door.");
    let action = Action::PlacementRemovalUnconfirmed;
    record(tx, placement, action, Outcome::Failed, Some(reason(error)), (Said::Door, &detail), now)
}
