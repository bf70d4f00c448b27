//! Looking whether locks hold what they should, and nothing else (R25).

use access_code::Code;
use api_types::{Action, Outcome, PlacementReason, Said};
use hub::{LockError, ReadBack, Slot, SlotContent};
use ids::LockId;
use store::placements::{self, Event, News, PlacementRecord};
use store::unknown_codes::{self, UnknownCode, UnknownState};
use store::{Millis, Tx};

use super::answer::record;
use super::unknown;
use super::worker::HubWorker;
use super::write::opened;

/// How long until a lock that couldn't say what a slot holds is asked again, in milliseconds.
const AGAIN: Millis = 60 * 60 * 1000;

/// What a slot holds, beside the code that it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// That code, or one that the lock doesn't show.
    Ours,
    /// Nothing.
    Empty,
    /// Another code.
    Foreign,
}

impl Seen {
    /// What a slot's content is, if the lock says `how_much` of it.
    pub(super) fn of(content: &SlotContent, code: &Code, how_much: ReadBack) -> Self {
        match content {
            SlotContent::Empty => Self::Empty,
            SlotContent::Holds(held) if held == code => Self::Ours,
            // What the lock won't show is taken for what we wrote; where it shows codes, it is none.
            SlotContent::Occupied if how_much == ReadBack::Occupancy => Self::Ours,
            SlotContent::Holds(_) | SlotContent::Occupied => Self::Foreign,
        }
    }
}

impl HubWorker {
    /// Looks whether a lock still holds a code.
    pub(super) async fn check(&self, placement: PlacementRecord) -> store::Result<()> {
        let (lock, Some(slot)) = (placement.lock_id, placement.slot.and_then(Slot::new)) else { return Ok(()) };
        let code_id = placement.code_id;
        let vault = self.store.vault().clone();
        let code = self.store.read(move |db| opened(db, &vault, code_id)).await?;
        let Some(code) = code else {
            // Whether it is there can't be told; that its record is damaged is told elsewhere.
            return self.store.write_unrecorded(move |tx| placements::cannot_be_checked(tx, placement.id)).await;
        };
        let turn = self.turns.acquire(lock).await;
        let seen = self.look(lock, slot, &code).await;
        drop(turn);
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(lock, seen.as_ref().err(), now);
        self.store.write_unrecorded(move |tx| worker.checked(tx, &placement, slot, seen, now)).await
    }

    async fn look(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Seen, LockError> {
        let how_much = self.driver.capabilities(lock).await?.read_back;
        Ok(Seen::of(&self.driver.read_back(lock, slot).await?, code, how_much))
    }

    fn checked(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        slot: Slot,
        seen: Result<Seen, LockError>,
        now: Millis,
    ) -> store::Result<()> {
        let seen = match seen {
            Ok(seen) => seen,
            Err(LockError::NotSupported) => return placements::cannot_be_checked(tx, placement.id),
            Err(error) => {
                self.note_failure(tx, placement, &error, now)?;
                return placements::check_at(tx, placement.id, now + AGAIN);
            }
        };
        self.lock_answered(tx, placement, now)?;
        let (event, reason) = match seen {
            Seen::Ours => return self.tell(tx, placement, Event::SeenThere, now).map(|_| ()),
            Seen::Empty => (Event::Missing, PlacementReason::LostByLock),
            Seen::Foreign => (Event::Displaced, PlacementReason::ReplacedAtLock),
        };
        let told = self.tell(tx, placement, event, now)?;
        if told.is_none_or(|told| told.news != Some(News::Drifted)) {
            return Ok(());
        }
        let detail = match seen {
            Seen::Foreign => {
                unknown::note_found(tx, placement.lock_id, slot, now)?;
                "Its slot holds another code."
            }
            _ => "The lock no longer holds it.",
        };
        let (action, outcome) = (Action::PlacementDrifted, Outcome::Failed);
        record(tx, placement, action, outcome, Some(reason), (Said::Door, detail), now)
    }

    /// Looks at a slot that holds a code which isn't ours, or may; empties it if somebody asked for that.
    pub(super) async fn attend_to(&self, unknown: UnknownCode) -> store::Result<()> {
        let Some(slot) = Slot::new(unknown.slot) else { return Ok(()) };
        let (lock, number) = (unknown.lock_id, unknown.slot);
        let turn = self.turns.acquire(lock).await;
        // A code of ours may have come to be there since.
        let ours = self.store.read(move |db| placements::by_slot(db, lock, number)).await?.is_some();
        let seen = match unknown.state() {
            _ if ours => Ok(true),
            UnknownState::Clearing => self.empty(lock, slot).await,
            UnknownState::Suspected | UnknownState::Found => {
                self.driver.read_back(lock, slot).await.map(|content| content == SlotContent::Empty)
            }
        };
        drop(turn);
        let (worker, now) = (self.clone(), self.clock.now());
        self.note_answer(lock, seen.as_ref().err(), now);
        self.store.write_unrecorded(move |tx| worker.attended_to(tx, &unknown, slot, seen, now)).await
    }

    /// Empties a slot; returns whether it is empty now.
    async fn empty(&self, lock: LockId, slot: Slot) -> Result<bool, LockError> {
        self.driver.remove(lock, slot).await?;
        if self.driver.capabilities(lock).await?.read_back == ReadBack::None {
            return Ok(true);
        }
        match self.driver.read_back(lock, slot).await? {
            SlotContent::Empty => Ok(true),
            SlotContent::Holds(_) | SlotContent::Occupied => Err(LockError::rejected("the slot still holds a code")),
        }
    }

    fn attended_to(
        &self,
        tx: &Tx,
        unknown: &UnknownCode,
        slot: Slot,
        seen: Result<bool, LockError>,
        now: Millis,
    ) -> store::Result<()> {
        match seen {
            Ok(false) => unknown::note_found(tx, unknown.lock_id, slot, now),
            Ok(true) => unknown::note_gone(tx, unknown, now),
            Err(LockError::NotSupported) => {
                unknown_codes::put_off(tx, unknown, None, Some(&LockError::NotSupported.protocol_error()))
            }
            Err(error) => {
                let again = now + self.retry_delay(unknown.attempts + 1)?;
                unknown_codes::put_off(tx, unknown, Some(again), Some(&error.protocol_error()))
            }
        }
    }
}
