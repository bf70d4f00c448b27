//! Taking a code off its lock (R24).

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use access_code::Code;
use api_types::{Action, Outcome, Said};
use hub::{LockError, ReadBack, Slot, SlotContent};
use ids::{LockId, PlacementId};
use store::placements::{Event, PlacementRecord};
use store::{Millis, Tx, locks};

use super::answer::{failure, record};
use super::outcome::record_not_removed;
use super::unknown;
use super::worker::HubWorker;
use super::write::opened;

impl HubWorker {
    /// Takes a code off its lock (R24). This is done even if it can't be recorded afterwards, and recorded as soon as
    /// it can be (R31).
    pub(super) async fn remove(&self, placement: PlacementRecord) -> store::Result<()> {
        let lock = placement.lock_id;
        let this = (placement.id, placement.generation);
        let removed = match placement.slot.and_then(Slot::new) {
            Some(_) if self.taken_off().contains(&this) => Ok(Gone::TakenOff),
            Some(slot) => {
                let (vault, code_id) = (self.store.vault().clone(), placement.code_id);
                // What can't be read is taken off all the same.
                let code = self.store.read(move |db| opened(db, &vault, code_id)).await.unwrap_or_default();
                self.remove_and_confirm(lock, slot, code.as_ref()).await
            }
            // It never got a slot, so there is nothing to take off.
            None => Ok(Gone::TakenOff),
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
                Ok(gone) => {
                    if asked {
                        worker.lock_answered(tx, &placement, now)?;
                    }
                    if let (Gone::ForAnother, Some(slot)) = (gone, placement.slot.and_then(Slot::new)) {
                        unknown::note_found(tx, lock, slot, now)?;
                    }
                    worker.removed(tx, &placement, now)
                }
                Err(error) => worker.not_removed(tx, &placement, &error, now),
            })
            .await;
        if stored.is_ok() {
            self.taken_off().remove(&this);
        }
        stored
    }

    /// Takes `code` off its slot. If the slot holds another code by now, that is left there: ours is gone.
    async fn remove_and_confirm(&self, lock: LockId, slot: Slot, code: Option<&Code>) -> Result<Gone, LockError> {
        let _turn = self.turns.acquire(lock).await;
        let read_back = self.driver.capabilities(lock).await?.read_back;
        if let (ReadBack::Digits, Some(code)) = (read_back, code)
            && let SlotContent::Holds(held) = self.driver.read_back(lock, slot).await?
            && held != *code
        {
            return Ok(Gone::ForAnother);
        }
        self.driver.remove(lock, slot).await?;
        if read_back == ReadBack::None {
            return Ok(Gone::TakenOff);
        }
        match self.driver.read_back(lock, slot).await? {
            SlotContent::Empty => Ok(Gone::TakenOff),
            SlotContent::Holds(_) | SlotContent::Occupied => Err(LockError::rejected("the slot still holds a code")),
        }
    }

    fn removed(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
        if self.tell(tx, placement, Event::TakenOff, now)?.is_some() {
            let (action, detail) = (Action::PlacementRemoved, "The lock confirmed it.");
            record(tx, placement, action, Outcome::Done, None, (Said::Door, detail), now)?;
            locks::release_if_empty(tx, placement.lock_id)?;
        }
        Ok(())
    }

    fn not_removed(&self, tx: &Tx, placement: &PlacementRecord, error: &LockError, now: Millis) -> store::Result<()> {
        self.note_failure(tx, placement, error, now)?;
        let told = self.tell(tx, placement, Event::NotTakenOff { failure: failure(error) }, now)?;
        record_not_removed(tx, placement, told, error, now)
    }

    fn taken_off(&self) -> MutexGuard<'_, HashSet<(PlacementId, i64)>> {
        self.taken_off.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a code came to be off its lock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gone {
    /// We took it off.
    TakenOff,
    /// Somebody had put another code into its slot.
    ForAnother,
}
