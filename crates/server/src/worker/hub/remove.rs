//! Taking a code off its lock (R24).

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use access_code::Code;
use api_types::{Action, Outcome, Said};
use hub::{LockError, ReadBack, Slot, SlotContent};
use ids::{LockId, PlacementId};
use store::placements::{self, Event, PlacementRecord, PlacementState};
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
        let found = self.find(&placement).await?;
        let removed = match &found {
            Some(_) if self.taken_off().contains(&this) => Ok(Gone::TakenOff),
            Some(place) => self.remove_and_confirm(lock, place).await,
            // It never got a slot, so there is nothing to take off.
            None => Ok(Gone::TakenOff),
        };
        let (worker, now) = (self.clone(), self.clock.now());
        let asked = found.is_some();
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
                    match (gone, &found) {
                        (Gone::ForAnother, Some(Place { slot, before: None, .. })) => {
                            unknown::note_found(tx, lock, *slot, now)?;
                        }
                        // One that is to go as well is told by its own removal.
                        (Gone::TakenOff, Some(Place { before: Some(before), .. })) if before.wanted => {
                            placements::tell_what_is(tx, before.id, Event::Gone, now)?;
                        }
                        (Gone::ForTheOneBefore, Some(Place { before: Some(before), .. })) => {
                            placements::tell_what_is(tx, before.id, Event::Kept, now)?;
                        }
                        _ => {}
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

    /// Where a code may be on its lock, and what else of its holder's may be there in its stead; `None` if it is nowhere.
    /// What can't be read is taken off all the same.
    async fn find(&self, placement: &PlacementRecord) -> store::Result<Option<Place>> {
        let (vault, placement) = (self.store.vault().clone(), placement.clone());
        self.store
            .read(move |db| {
                let open = |code_id| opened(db, &vault, code_id).unwrap_or_default();
                let own = open(placement.code_id);
                if let Some(slot) = placement.slot.and_then(Slot::new) {
                    // Those that were to replace it may have been written over it without anybody's hearing of it.
                    let over = placements::codes_over(db, placement.id)?.into_iter().filter_map(open);
                    let ours = own.map(|own| std::iter::once(own).chain(over).collect());
                    return Ok(Some(Place { slot, ours, before: None }));
                }
                let Some(before) = placement.replaces else { return Ok(None) };
                let before = placements::get(db, before)?.filter(|it| UNKNOWN.contains(&it.state()));
                Ok(before.and_then(|before| {
                    let slot = before.slot.and_then(Slot::new)?;
                    let before = Before { id: before.id, wanted: before.wanted, code: open(before.code_id) };
                    Some(Place { slot, ours: own.map(|own| vec![own]), before: Some(before) })
                }))
            })
            .await
    }

    /// Takes a code off its place. If that holds another one by now, it is left there: ours is gone.
    async fn remove_and_confirm(&self, lock: LockId, place: &Place) -> Result<Gone, LockError> {
        let slot = place.slot;
        let _turn = self.turns.acquire(lock).await;
        let read_back = self.driver.capabilities(lock).await?.read_back;
        if let (ReadBack::Digits, Some(ours)) = (read_back, &place.ours)
            && let SlotContent::Holds(held) = self.driver.read_back(lock, slot).await?
            && !ours.contains(&held)
        {
            let is_before = place.before.as_ref().is_some_and(|before| before.code.as_ref() == Some(&held));
            return Ok(if is_before { Gone::ForTheOneBefore } else { Gone::ForAnother });
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
    /// It was never written over the code that it was to replace, which is there still.
    ForTheOneBefore,
}

/// Where a code may be on its lock.
struct Place {
    slot: Slot,
    /// What is taken off if it is there; `None`: whatever is there, since ours can't be read.
    ours: Option<Vec<Code>>,
    /// Whose slot it is, if it is that of the code which ours may have been written over (R27).
    before: Option<Before>,
}

/// A code that another was to be written over.
struct Before {
    id: PlacementId,
    wanted: bool,
    code: Option<Code>,
}

/// The states of a code of which it isn't known whether another was written over it.
const UNKNOWN: [PlacementState; 3] =
    [PlacementState::Confirming, PlacementState::Removing, PlacementState::RemovalFailed];
