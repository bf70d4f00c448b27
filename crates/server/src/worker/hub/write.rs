//! Putting a code on its lock.

use access_code::Code;
use api_types::Evidence;
use hub::{Accepted, Capabilities, LockError, ReadBack, Slot, SlotContent};
use ids::{CodeId, LockId};
use store::placements::{self, Event, PlacementRecord};
use store::{Db, Millis, Tx, Vault, codes};

use super::target::{Target, Unconfirmed};
use super::unknown;
use super::worker::HubWorker;

impl HubWorker {
    /// Puts a code on its lock.
    pub(super) async fn write(&self, placement: PlacementRecord) -> store::Result<()> {
        let lock = placement.lock_id;
        let (code, mut target, previous, ours) = match self.reserve(&placement).await? {
            Reserved::Given { code, target, previous, ours } => (code, target, previous, ours),
            Reserved::Full { slot_expected } => return self.handle_full_lock(placement, slot_expected).await,
            Reserved::Nothing => return Ok(()),
        };
        let turn = self.turns.acquire(placement.lock_id).await;
        let written = match self.driver.capabilities(lock).await {
            Ok(capabilities) if !capabilities.lengths.support(code.length()) => {
                Err(LockError::LengthNotSupported.into())
            }
            Ok(capabilities) => {
                let fresh = placement.slot.is_none() && matches!(target, Target::Free(_));
                match self.holds_foreign(lock, target.slot(), &ours, fresh, capabilities).await {
                    Ok(false) => {}
                    Ok(true) => {
                        drop(turn);
                        return self.leave_alone(placement, target).await;
                    }
                    // Nothing has been written yet.
                    Err(error) => {
                        drop(turn);
                        return self
                            .store_outcome(placement, target, Err(Unconfirmed { error, may_hold: false }))
                            .await;
                    }
                }
                // Much may have happened while this waited for its turn and the lock was asked.
                if !self.is_still_wanted(&placement).await? {
                    self.note_answer(lock, None, self.clock.now());
                    return Ok(());
                }
                let written = self.write_and_confirm(lock, target.slot(), &code, capabilities.read_back).await;
                match (written, previous) {
                    (Err(refused), Some(previous)) if refused.error == LockError::DuplicateOnLock => {
                        match self.find_overwritten(lock, previous.slot(), &code, capabilities.read_back).await {
                            Ok(Some(evidence)) => {
                                target = previous;
                                Ok(evidence)
                            }
                            Ok(None) => Err(refused),
                            // Not known yet, so this is no permanent refusal: it is tried again.
                            Err(error) => Err(Unconfirmed { error, may_hold: false }),
                        }
                    }
                    (written, _) => written,
                }
            }
            Err(error) => Err(Unconfirmed::from(error)),
        };
        drop(turn);
        self.store_outcome(placement, target, written).await
    }

    async fn store_outcome(
        &self,
        placement: PlacementRecord,
        target: Target,
        written: Result<Evidence, Unconfirmed>,
    ) -> store::Result<()> {
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(placement.lock_id, written.as_ref().err().map(|unconfirmed| &unconfirmed.error), now);
        self.store
            .write_unrecorded(move |tx| match written {
                Ok(evidence) => worker.written(tx, &placement, target, evidence, now),
                Err(Unconfirmed { error, may_hold }) => {
                    // If this or an earlier attempt may have put it on the lock, the slot stays reserved, so that the
                    // code is taken off when it is no longer wanted (R24). Otherwise the slot becomes free.
                    let slot = match target {
                        Target::Free(slot) if may_hold || placement.slot.is_some() => Some(slot.number()),
                        _ => None,
                    };
                    if let (true, Target::Overwrite { replaced, .. }) = (error.is_permanent(), target) {
                        placements::tell_what_is(tx, replaced, Event::Kept, now)?;
                    }
                    worker.not_written(tx, &placement, slot, &error, now)
                }
            })
            .await
    }

    /// Whether a code is still to be put on its lock: one that was superseded in the meantime is never written.
    async fn is_still_wanted(&self, placement: &PlacementRecord) -> store::Result<bool> {
        let (id, generation) = (placement.id, placement.generation);
        let now = self.store.read(move |db| placements::get(db, id)).await?;
        Ok(now.is_some_and(|now| now.wanted && now.generation == generation))
    }

    /// Whether the slot holds a code that is none of ours, which is never overwritten. A lock that only says that
    /// there is something may mean ours, unless it is the first time that we use the slot (`fresh`).
    async fn holds_foreign(
        &self,
        lock: LockId,
        slot: Slot,
        ours: &[Code],
        fresh: bool,
        capabilities: Capabilities,
    ) -> Result<bool, LockError> {
        match capabilities.read_back {
            ReadBack::None => Ok(false),
            ReadBack::Occupancy if !fresh => Ok(false),
            ReadBack::Digits | ReadBack::Occupancy => Ok(match self.driver.read_back(lock, slot).await? {
                SlotContent::Empty => false,
                SlotContent::Holds(held) => !ours.contains(&held),
                SlotContent::Occupied => true,
            }),
        }
    }

    /// The slot that the code was to go to holds one that isn't ours: it is left alone, and another slot is looked for.
    async fn leave_alone(&self, placement: PlacementRecord, target: Target) -> store::Result<()> {
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(placement.lock_id, None, now);
        self.store
            .write_unrecorded(move |tx| {
                worker.lock_answered(tx, &placement, now)?;
                if let Target::Overwrite { replaced, .. } = target {
                    placements::tell_what_is(tx, replaced, Event::Displaced, now)?;
                }
                unknown::note_found(tx, placement.lock_id, target.slot(), now)?;
                worker.tell(tx, &placement, Event::SlotOccupied, now).map(|_| ())
            })
            .await
    }

    /// The code and the slot it is to go to, reserved so that no other code takes it and a restart resumes the work.
    async fn reserve(&self, placement: &PlacementRecord) -> store::Result<Reserved> {
        let (placement, worker, now) = (placement.clone(), self.clone(), self.clock.now());
        self.store.write_unrecorded(move |tx| worker.reserve_in(tx, &placement, now)).await
    }

    fn reserve_in(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<Reserved> {
        let code = match codes::get(tx, placement.code_id) {
            Ok(Some(record)) => codes::open(tx.vault(), tx, &record),
            Ok(None) => return Ok(Reserved::Nothing),
            Err(error) => Err(error),
        };
        let code = match code {
            Ok(code) => code,
            // This concerns this code alone.
            Err(error) if error.is_single_record() => {
                self.unreadable(tx, placement, &error, now)?;
                return Ok(Reserved::Nothing);
            }
            Err(error) => return Err(error),
        };
        let free = match placement.slot {
            Some(slot) => Some(slot),
            None => placements::free_slot(tx, placement)?,
        };
        let previous = match placement.replaces {
            Some(replaced) => placements::get(tx, replaced)?,
            None => None,
        };
        let mut ours = vec![code.clone()];
        if let Some(previous) = &previous {
            // One that was to replace it before this one may have been written over it without anybody's hearing of it.
            for code_id in std::iter::once(previous.code_id).chain(placements::codes_over(tx, previous.id)?) {
                ours.extend(opened(tx, tx.vault(), code_id)?);
            }
        }
        let previous = previous.and_then(|previous| {
            let slot = previous.slot.and_then(Slot::new)?;
            Some(Target::Overwrite { slot, replaced: previous.id })
        });
        let target = match (free.and_then(Slot::new), previous) {
            (Some(slot), _) => Target::Free(slot),
            (None, Some(previous)) => previous,
            (None, None) => {
                let slot_expected = placements::has_removals(tx, placement.lock_id)?;
                return Ok(Reserved::Full { slot_expected });
            }
        };
        let slot = if let Target::Free(slot) = target { Some(slot.number()) } else { None };
        let still_wanted = self.tell(tx, placement, Event::Began { slot }, now)?.is_some();
        if let (true, Target::Overwrite { replaced, .. }) = (still_wanted, target) {
            placements::tell_what_is(tx, replaced, Event::GivingWay, now)?;
        }
        Ok(if still_wanted { Reserved::Given { code, target, previous, ours } } else { Reserved::Nothing })
    }

    /// Handles a lock with every slot taken. That alone decides nothing until the lock answers: if it is offline, the
    /// code is *waiting* (R26, R29), and while other codes are being taken off, a slot will become free.
    async fn handle_full_lock(&self, placement: PlacementRecord, slot_expected: bool) -> store::Result<()> {
        let turn = self.turns.acquire(placement.lock_id).await;
        let answer = self.driver.ping(placement.lock_id).await;
        drop(turn);
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(placement.lock_id, answer.as_ref().err(), now);
        self.store
            .write_unrecorded(move |tx| match answer {
                Err(error) => worker.not_written(tx, &placement, None, &error, now),
                Ok(_) if slot_expected => {
                    worker.lock_answered(tx, &placement, now)?;
                    worker.tell(tx, &placement, Event::NoSlotYet, now).map(|_| ())
                }
                Ok(_) => worker.not_written(tx, &placement, None, &LockError::SlotsFull, now),
            })
            .await
    }

    /// Writes the code and, where the lock can, reads it back. Returns how we know that it is there.
    async fn write_and_confirm(
        &self,
        lock: LockId,
        slot: Slot,
        code: &Code,
        read_back: ReadBack,
    ) -> Result<Evidence, Unconfirmed> {
        let accepted = self.driver.write(lock, slot, code).await?;
        // From here on the lock may hold it, whatever happens.
        let confirmed = match (read_back, accepted) {
            (ReadBack::None, Accepted::ByLock) => Ok(Evidence::Accepted),
            // The hub's promise for a lock that can't be asked is no evidence.
            (ReadBack::None, Accepted::ByHub) => Err(LockError::TimedOut),
            (ReadBack::Digits | ReadBack::Occupancy, _) => match self.driver.read_back(lock, slot).await {
                Ok(SlotContent::Holds(held)) if held == *code => Ok(Evidence::ReadBack),
                Ok(SlotContent::Occupied) => Ok(Evidence::ReadBack),
                Ok(SlotContent::Holds(_)) => Err(LockError::rejected("the slot holds another code")),
                Ok(SlotContent::Empty) => Err(LockError::rejected("the lock dropped the code")),
                Err(error) => Err(error),
            },
        };
        confirmed.map_err(|error| Unconfirmed { error, may_hold: true })
    }

    /// Called when the lock says it already holds this code. It may have been written over the code it replaces, with
    /// the server killed before noting that, or the answer lost; then it is in that code's slot. Returns how we know,
    /// if it is.
    ///
    /// # Errors
    /// The lock doesn't tell.
    async fn find_overwritten(
        &self,
        lock: LockId,
        slot: Slot,
        code: &Code,
        read_back: ReadBack,
    ) -> Result<Option<Evidence>, LockError> {
        match read_back {
            ReadBack::Digits => match self.driver.read_back(lock, slot).await? {
                SlotContent::Holds(held) if held == *code => Ok(Some(Evidence::ReadBack)),
                _ => Ok(None),
            },
            // Writing the same code to the same slot is accepted; if it is in another slot, this is refused again.
            ReadBack::Occupancy | ReadBack::None => match self.write_and_confirm(lock, slot, code, read_back).await {
                Ok(evidence) => Ok(Some(evidence)),
                Err(Unconfirmed { error: LockError::DuplicateOnLock, .. }) => Ok(None),
                Err(Unconfirmed { error, .. }) => Err(error),
            },
        }
    }
}

/// The outcome of reserving a slot.
enum Reserved {
    /// This code goes to `target`; `previous` is where the code it replaces is. What may be there is `ours`.
    Given { code: Code, target: Target, previous: Option<Target>, ours: Vec<Code> },
    /// No slot is free; with `slot_expected`, one will be once a removal is done.
    Full { slot_expected: bool },
    /// The code is no longer wanted, or can't be read.
    Nothing,
}

/// A code's digits, if they can be read.
pub(super) fn opened(db: &Db, vault: &Vault, code_id: CodeId) -> store::Result<Option<Code>> {
    match codes::get(db, code_id).and_then(|code| code.map(|code| codes::open(vault, db, &code)).transpose()) {
        Err(error) if error.is_single_record() => Ok(None),
        read => read,
    }
}
