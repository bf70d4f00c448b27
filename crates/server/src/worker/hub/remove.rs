//! Taking a code off its lock (R24).

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use api_types::{Action, Outcome, Said};
use hub::{LockError, ReadBack, Slot, SlotContent};
use ids::{LockId, PlacementId};
use store::placements::{self, PlacementRecord, PlacementState, Progress};
use store::{Millis, Tx, locks};

use super::answer::{TRIES_BEFORE_FAILED, failed_attempt, reason, record};
use super::worker::HubWorker;

impl HubWorker {
    /// Takes a code off its lock (R24). This is done even if it can't be recorded afterwards, and recorded as soon as
    /// it can be (R31).
    pub(super) async fn remove(&self, placement: PlacementRecord) -> store::Result<()> {
        let lock = placement.lock_id;
        let this = (placement.id, placement.generation);
        let removed = match placement.slot.and_then(Slot::new) {
            Some(_) if self.taken_off().contains(&this) => Ok(()),
            Some(slot) => self.remove_and_confirm(lock, slot).await,
            // It never got a slot, so there is nothing to take off.
            None => Ok(()),
        };
        let (worker, now) = (self.clone(), self.clock.now());
        let asked = placement.slot.is_some();
        if asked {
            self.note_answer(placement.lock_id, removed.as_ref().err(), now);
        }
        if removed.is_ok() {
            self.taken_off().insert(this);
        }
        let stored = self
            .store
            .write_unrecorded(move |tx| match removed {
                Ok(()) => {
                    if asked {
                        worker.lock_answered(tx, &placement, now)?;
                    }
                    worker.removed(tx, &placement, now)
                }
                Err(error) => worker.not_removed(tx, &placement, &error, None, now),
            })
            .await;
        if stored.is_ok() {
            self.taken_off().remove(&this);
        }
        stored
    }

    async fn remove_and_confirm(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        let _turn = self.turns.acquire(lock).await;
        self.driver.remove(lock, slot).await?;
        if self.driver.capabilities(lock).await?.read_back == ReadBack::None {
            return Ok(());
        }
        match self.driver.read_back(lock, slot).await? {
            SlotContent::Empty => Ok(()),
            SlotContent::Holds(_) | SlotContent::Occupied => Err(LockError::rejected("the slot still holds a code")),
        }
    }

    fn removed(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
        let progress = Progress::settled(PlacementState::Removed, None, None);
        if placements::advance(tx, placement, &progress, now)? {
            let (action, detail) = (Action::PlacementRemoved, "The lock confirmed it.");
            record(tx, placement, action, Outcome::Done, None, (Said::Door, detail), now)?;
            locks::release_if_empty(tx, placement.lock_id)?;
        }
        Ok(())
    }

    pub(super) fn not_removed(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        error: &LockError,
        until: Option<Millis>,
        now: Millis,
    ) -> store::Result<()> {
        let tries = placement.attempts + u32::from(until.is_none());
        let incident = !error.is_offline() && tries >= TRIES_BEFORE_FAILED;
        let state = if incident { PlacementState::RemovalFailed } else { PlacementState::Removing };
        let next_attempt_at = until.map_or_else(|| self.retry_delay(tries).map(|retry_delay| now + retry_delay), Ok)?;
        if until.is_none() {
            self.note_failure(tx, placement, error, now)?;
        }
        let tried = until.is_none();
        let progress = Progress { tried, ..failed_attempt(state, placement.slot, error, Some(next_attempt_at)) };
        let stored = placements::advance(tx, placement, &progress, now)?;
        let reason = reason(error);
        let news = placement.state() != state || !placement.reason.as_ref().is_some_and(|before| before.is(reason));
        if !stored || !news {
            return Ok(());
        }
        let detail = format!("{error}. Until the lock confirms, the code still opens the door.");
        let action = Action::PlacementRemovalUnconfirmed;
        record(tx, placement, action, Outcome::Failed, Some(reason), (Said::Door, &detail), now)
    }

    fn taken_off(&self) -> MutexGuard<'_, HashSet<(PlacementId, i64)>> {
        self.taken_off.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
