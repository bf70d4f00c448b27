//! Putting a code on its lock.

use access_code::Code;
use hub::{Accepted, LockError, LockId, ReadBack, Slot, SlotContent};
use store::placements::{self, PlacementRecord, PlacementState, Progress};
use store::{Millis, Tx, codes};

use super::target::{Target, Unconfirmed};
use super::worker::HubWorker;

impl HubWorker {
    /// Puts a code on its lock.
    pub(super) async fn write(&self, placement: PlacementRecord) -> store::Result<()> {
        let lock = LockId(placement.lock_id);
        let (code, mut target, before) = match self.reserve(&placement).await? {
            Reserved::Given { code, target, before } => (code, target, before),
            Reserved::Full { room_comes } => return self.find_no_room(placement, room_comes).await,
            Reserved::Nothing => return Ok(()),
        };
        let turn = self.turns.at(placement.lock_id).await;
        let written = match self.driver.capabilities(lock).await {
            Ok(capabilities) if !capabilities.lengths.support(code.length()) => {
                Err(LockError::LengthNotSupported.into())
            }
            Ok(capabilities) => {
                let written = self.write_and_confirm(lock, target.slot(), &code, capabilities.read_back).await;
                match (written, before) {
                    (Err(refused), Some(before)) if refused.error == LockError::DuplicateOnLock => {
                        match self.find_written_over(lock, before.slot(), &code, capabilities.read_back).await {
                            Ok(Some(evidence)) => {
                                target = before;
                                Ok(evidence)
                            }
                            Ok(None) => Err(refused),
                            // Not known yet, so it isn't refused for good: to be asked again.
                            Err(error) => Err(Unconfirmed { error, may_hold: false }),
                        }
                    }
                    (written, _) => written,
                }
            }
            Err(error) => Err(Unconfirmed::from(error)),
        };
        drop(turn);
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(placement.lock_id, written.as_ref().err().map(|unconfirmed| &unconfirmed.error), now);
        self.store
            .write_unrecorded(move |tx| match written {
                Ok(evidence) => worker.written(tx, &placement, target, evidence, now),
                Err(Unconfirmed { error, may_hold }) => {
                    // Where this or an earlier try may have put it on the lock, the slot stays reserved, so that it is
                    // taken off when it is no longer wanted (R24). Otherwise the slot is free again.
                    let slot = match target {
                        Target::Free(slot) if may_hold || placement.slot.is_some() => Some(slot.number()),
                        _ => None,
                    };
                    worker.not_written(tx, &placement, slot, &error, now)
                }
            })
            .await
    }

    /// The code and the slot it is to go to, reserved so that no other code takes it and a restart goes on with it.
    async fn reserve(&self, placement: &PlacementRecord) -> store::Result<Reserved> {
        let (placement, worker, now) = (placement.clone(), self.clone(), self.clock.now());
        self.store.write_unrecorded(move |tx| worker.reserve_in(tx, &placement, now)).await
    }

    fn reserve_in(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<Reserved> {
        let opened = match codes::get(tx, placement.code_id) {
            Ok(Some(record)) => codes::open(tx.vault(), tx, &record),
            Ok(None) => return Ok(Reserved::Nothing),
            Err(error) => Err(error),
        };
        let code = match opened {
            Ok(code) => code,
            // It is this code's misfortune and nobody else's.
            Err(error) if error.is_single_record() => {
                self.unreadable(tx, placement, &error, now)?;
                return Ok(Reserved::Nothing);
            }
            Err(error) => return Err(error),
        };
        let free = match placement.slot {
            Some(slot) => Some(slot),
            None => placements::free_slot(tx, placement.lock_id)?,
        };
        let before = match placement.replaces {
            Some(replaced) => placements::get(tx, replaced)?,
            None => None,
        };
        let before = before.and_then(|before| {
            let slot = before.slot.and_then(Slot::new)?;
            Some(Target::Overwrite { slot, replaced: before.id })
        });
        let target = match (free.and_then(Slot::new), before) {
            (Some(slot), _) => Target::Free(slot),
            (None, Some(before)) => before,
            (None, None) => {
                let room_comes = placements::has_removals(tx, placement.lock_id)?;
                return Ok(Reserved::Full { room_comes });
            }
        };
        let slot = if let Target::Free(slot) = target { Some(slot.number()) } else { None };
        let still_wanted = placements::reserve(tx, placement, slot, now)?;
        Ok(if still_wanted { Reserved::Given { code, target, before } } else { Reserved::Nothing })
    }

    /// Every slot is taken. That decides nothing before the lock answers: offline it is *waiting* (R26, R29), and while
    /// codes are being taken off there will be room.
    async fn find_no_room(&self, placement: PlacementRecord, room_comes: bool) -> store::Result<()> {
        let turn = self.turns.at(placement.lock_id).await;
        let answer = self.driver.ping(LockId(placement.lock_id)).await;
        drop(turn);
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(placement.lock_id, answer.as_ref().err(), now);
        self.store
            .write_unrecorded(move |tx| match answer {
                Err(error) => worker.not_written(tx, &placement, None, &error, now),
                Ok(_) if room_comes => {
                    worker.lock_answered(tx, &placement, now)?;
                    let progress = Progress {
                        reason: Some(LockError::SlotsFull.reason()),
                        next_attempt_at: Some(now + worker.pause(placement.attempts + 1)?),
                        ..Progress::settled(PlacementState::Pending, None, None)
                    };
                    placements::advance(tx, &placement, &progress, now).map(|_| ())
                }
                Ok(_) => worker.not_written(tx, &placement, None, &LockError::SlotsFull, now),
            })
            .await
    }

    /// Writes and, where the lock can tell, reads back. Answers how we know.
    async fn write_and_confirm(
        &self,
        lock: LockId,
        slot: Slot,
        code: &Code,
        read_back: ReadBack,
    ) -> Result<&'static str, Unconfirmed> {
        let accepted = self.driver.write(lock, slot, code).await?;
        // From here on the lock may hold it, whatever comes.
        let confirmed = match (read_back, accepted) {
            (ReadBack::None, Accepted::ByLock) => Ok("accepted"),
            // The hub promised for a lock that can't be asked: that is no evidence.
            (ReadBack::None, Accepted::ByHub) => Err(LockError::TimedOut),
            (ReadBack::Digits | ReadBack::Occupancy, _) => match self.driver.read_back(lock, slot).await {
                Ok(SlotContent::Holds(held)) if held == *code => Ok("read_back"),
                Ok(SlotContent::Occupied) => Ok("read_back"),
                Ok(SlotContent::Holds(_)) => Err(LockError::rejected("the slot holds another code")),
                Ok(SlotContent::Empty) => Err(LockError::rejected("the lock dropped the code")),
                Err(error) => Err(error),
            },
        };
        confirmed.map_err(|error| Unconfirmed { error, may_hold: true })
    }

    /// The lock holds this code already. It may be that it was written over the one before it, and that the server was
    /// killed before it could note that, or that its answer was lost: then it is in that one's slot. Answers how we know.
    ///
    /// # Errors
    /// The lock doesn't say.
    async fn find_written_over(
        &self,
        lock: LockId,
        slot: Slot,
        code: &Code,
        read_back: ReadBack,
    ) -> Result<Option<&'static str>, LockError> {
        match read_back {
            ReadBack::Digits => match self.driver.read_back(lock, slot).await? {
                SlotContent::Holds(held) if held == *code => Ok(Some("read_back")),
                _ => Ok(None),
            },
            // The same code again in the same slot is taken; any other place of it is refused once more.
            ReadBack::Occupancy | ReadBack::None => match self.write_and_confirm(lock, slot, code, read_back).await {
                Ok(evidence) => Ok(Some(evidence)),
                Err(Unconfirmed { error: LockError::DuplicateOnLock, .. }) => Ok(None),
                Err(Unconfirmed { error, .. }) => Err(error),
            },
        }
    }
}

/// What came of reserving a slot.
enum Reserved {
    /// This code is to go there; `before` is where the one that it replaces is.
    Given { code: Code, target: Target, before: Option<Target> },
    /// There is no slot; perhaps there will be when what is being removed is gone.
    Full { room_comes: bool },
    /// It is no longer wanted, or can't be read.
    Nothing,
}
