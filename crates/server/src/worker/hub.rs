//! Drives the locks of one hub.
//!
//! Removals go first; then each lock has its turn, and several locks are seen to at a time, as many as the hub's radio
//! takes. A deed at a lock lies between two transactions. The first reserves the slot and leaves the work in the outbox,
//! so that a server killed in between does the deed again, which the lock doesn't notice; the second stores what came of
//! it and its event.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access_code::Code;
use api_types::Outcome;
use hub::{Accepted, LockDriver, LockError, LockId, ReadBack, Slot, SlotContent, backoff};
use store::audit::NewEvent;
use store::incidents::Incident;
use store::placements::{self, PlacementRecord, PlacementState, Progress};
use store::{Millis, Store, Tx, codes};
use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use uuid::Uuid;

use super::aside::Aside;
use super::pace::{PAUSE_AFTER_ERROR, wait};
use super::turns::{Turns, Unrecorded};
use crate::clock::Clock;
use crate::domain::{By, code_subject, damage};

/// After so many tries a placement is shown as failed, or a removal as an incident, though it is still tried.
const TRIES_BEFORE_FAILED: u32 = 5;

/// Placements that are noted in one transaction as waiting for what doesn't answer.
const NOTED_AT_ONCE: u32 = 200;

#[derive(Clone)]
pub(super) struct HubWorker {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) hub_id: Uuid,
    pub(super) driver: Arc<dyn LockDriver>,
    pub(super) turns: Turns,
    /// Used codes that are good for one use.
    pub(super) used: Unrecorded,
    pub(super) aside: Aside,
    /// Taken off their locks, which couldn't be recorded yet: placements with the generation that was taken off.
    taken_off: Arc<Mutex<HashSet<(Uuid, i64)>>>,
    /// Somebody has listened to this hub already.
    pub(super) heard_before: Arc<AtomicBool>,
    /// Every lock is to be asked how it is.
    pub(super) ask_all: Arc<Notify>,
}

impl HubWorker {
    pub(super) fn new(store: &Store, clock: &Clock, hub_id: Uuid, driver: Arc<dyn LockDriver>, turns: &Turns) -> Self {
        Self {
            store: store.clone(),
            clock: clock.clone(),
            hub_id,
            driver,
            turns: turns.clone(),
            used: Unrecorded::new(store, turns),
            aside: Aside::default(),
            taken_off: Arc::default(),
            heard_before: Arc::default(),
            ask_all: Arc::default(),
        }
    }

    /// Sees to what is due, for ever.
    pub(super) async fn drive(self) {
        let told = self.store.work_of_hub(self.hub_id);
        let mut under_way: JoinSet<store::Result<()>> = JoinSet::new();
        let mut busy: HashMap<Id, (Uuid, Uuid)> = HashMap::new();
        // What failed for a reason that isn't its lock's.
        let mut sick: HashMap<Uuid, Instant> = HashMap::new();
        loop {
            sick.retain(|_, until| *until > Instant::now());
            let free = self.driver.locks_at_once().max(1).saturating_sub(under_way.len());
            let busy_locks: Vec<Uuid> = busy.values().map(|(lock_id, _)| *lock_id).collect();
            let next = match self.pick(busy_locks, sick.keys().copied().collect(), free).await {
                Ok(Pick::Due(due)) => {
                    for placement in due {
                        let (worker, this) = (self.clone(), (placement.lock_id, placement.id));
                        let task = under_way.spawn(async move { worker.see_to(placement).await });
                        busy.insert(task.id(), this);
                    }
                    None
                }
                Ok(Pick::Noted) => continue,
                Ok(Pick::Nothing(next)) => next,
                Err(error) if error.is_of_one_record() && self.set_damaged_aside(error.to_string()).await => continue,
                Err(error) => {
                    tracing::error!(%error, hub = %self.hub_id, "what is due at a hub can't be found out");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                    None
                }
            };
            tokio::select! {
                Some(ended) = under_way.join_next_with_id() => {
                    let (id, failed) = match ended {
                        Ok((id, Ok(()))) => (id, false),
                        Ok((id, Err(error))) => {
                            tracing::error!(%error, hub = %self.hub_id, "what came of a deed at a lock can't be stored yet");
                            (id, true)
                        }
                        Err(error) => {
                            metrics::counter!("latchkey_lock_deeds_panicked_total").increment(1);
                            tracing::error!(hub = %self.hub_id, "a deed at a lock panicked");
                            (error.id(), true)
                        }
                    };
                    if let (Some((_, placement_id)), true) = (busy.remove(&id), failed) {
                        sick.insert(placement_id, Instant::now() + PAUSE_AFTER_ERROR);
                    }
                }
                () = wait(&self.clock, &told, next) => {}
            }
        }
    }

    /// Nothing but placements that can't be read is due: they are set aside, and support is told. Answers whether that
    /// could be done.
    async fn set_damaged_aside(&self, why: String) -> bool {
        let (hub_id, now) = (self.hub_id, self.clock.now());
        let set_aside = self.store.write_unrecorded(move |tx| {
            for (code_id, property_id) in placements::set_damaged_aside(tx, hub_id, now)? {
                let error = store::Error::Unreadable(why.clone());
                damage::report(tx, &Incident::of_code(code_id, property_id, &error), now)?;
            }
            Ok::<_, store::Error>(())
        });
        set_aside.await.is_ok()
    }

    /// Does some of what is due, one thing after another: for the demonstration's year. Answers whether there was any.
    pub(super) async fn turn(&self) -> store::Result<bool> {
        match self.pick(Vec::new(), HashSet::new(), usize::MAX).await? {
            Pick::Nothing(_) => return Ok(false),
            Pick::Noted => {}
            Pick::Due(due) => {
                for placement in due {
                    self.see_to(placement).await?;
                }
            }
        }
        Ok(true)
    }

    /// What to do next: of each lock that isn't busy, what is first and isn't sick.
    async fn pick(&self, busy: Vec<Uuid>, sick: HashSet<Uuid>, most: usize) -> store::Result<Pick> {
        let (hub_id, now) = (self.hub_id, self.clock.now());
        let left = (self.aside.hub(now), self.aside.locks(now));
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let (unreached, due, next) = self
            .store
            .read(move |db| {
                let (hub, mut locks) = left;
                let mut unreached = Vec::new();
                if let Some((error, until)) = hub {
                    let mut waiting = placements::due_of_hub(db, hub_id, now, NOTED_AT_ONCE)?;
                    waiting.retain(|placement| !busy.contains(&placement.lock_id));
                    unreached.extend(waiting.into_iter().map(|placement| (placement, error.clone(), until)));
                    return Ok::<_, store::Error>((unreached, Vec::new(), placements::next_due(db, hub_id, now)?));
                }
                locks.retain(|(lock_id, ..)| !busy.contains(lock_id));
                for (lock_id, error, until) in &locks {
                    let waiting = placements::due_of_lock(db, *lock_id, now, NOTED_AT_ONCE)?;
                    unreached.extend(waiting.into_iter().map(|placement| (placement, error.clone(), *until)));
                }
                let not: Vec<Uuid> = busy.into_iter().chain(locks.into_iter().map(|(lock_id, ..)| lock_id)).collect();
                let due = match most {
                    0 => Vec::new(),
                    most => placements::due_by_lock(db, hub_id, now, &not, &sick, most)?,
                };
                Ok((unreached, due, placements::next_due(db, hub_id, now)?))
            })
            .await?;
        if !unreached.is_empty() {
            let worker = self.clone();
            self.store
                .write_unrecorded(move |tx| {
                    // What is back by now is due now, and isn't put off again by what was so a moment ago.
                    let left = unreached.iter().filter(|(placement, _, until)| worker.aside.is_left(placement, *until));
                    for (placement, error, until) in left {
                        worker.not_reached(tx, placement, error, *until, now)?;
                    }
                    Ok::<_, store::Error>(())
                })
                .await?;
            return Ok(Pick::Noted);
        }
        if !due.is_empty() {
            return Ok(Pick::Due(due));
        }
        // What is due at a lock that is busy, or is sick, waits for that.
        Ok(Pick::Nothing(next.filter(|next| *next > now)))
    }

    async fn see_to(&self, placement: PlacementRecord) -> store::Result<()> {
        if placement.wanted { self.write(placement).await } else { self.remove(placement).await }
    }

    /// Puts a code on its lock.
    async fn write(&self, placement: PlacementRecord) -> store::Result<()> {
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
            Err(error) if error.is_of_one_record() => {
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

    fn written(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        target: Target,
        evidence: &'static str,
        now: Millis,
    ) -> store::Result<()> {
        self.lock_answered(tx, placement, now)?;
        if let Target::Overwrite { slot, replaced } = target {
            placements::take_over_slot(tx, placement.id, replaced, slot.number(), now)?;
        }
        let progress = Progress::settled(PlacementState::OnLock, Some(target.slot().number()), Some(evidence));
        if !placements::advance(tx, placement, &progress, now)? {
            return Ok(());
        }
        if let (Some(replaced), Target::Free(_)) = (placement.replaces, target) {
            placements::unwant_one(tx, replaced, now)?;
        }
        let how = if evidence == "read_back" { "Read back from the lock." } else { "Accepted by the lock." };
        let detail = match target {
            Target::Overwrite { .. } => format!("{how} Written over the code before it: no slot was free."),
            Target::Free(_) => how.to_owned(),
        };
        record(tx, placement, "placement.on_lock", Outcome::Done, None, &detail, now)
    }

    fn not_written(
        &self,
        tx: &Tx,
        placement: &PlacementRecord,
        slot: Option<u16>,
        error: &LockError,
        now: Millis,
    ) -> store::Result<()> {
        self.heard(tx, placement, error, now)?;
        let tries = placement.attempts + 1;
        let again_at = now + self.pause(tries)?;
        let (state, next_attempt_at) = if error.is_permanent() {
            (PlacementState::Failed, None)
        } else if error.is_offline() {
            (PlacementState::WaitingOffline, Some(again_at))
        } else if tries >= TRIES_BEFORE_FAILED {
            (PlacementState::Failed, Some(again_at))
        } else {
            (PlacementState::Pending, Some(again_at))
        };
        let progress = failure(state, slot, error, next_attempt_at);
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
        // Said before, or no longer of interest.
        if !stored || placement.state() == state {
            return Ok(());
        }
        let (action, outcome) = match state {
            PlacementState::WaitingOffline => ("placement.waiting", Outcome::Done),
            PlacementState::Failed => ("placement.failed", Outcome::Failed),
            _ => return Ok(()),
        };
        record(tx, placement, action, outcome, Some(error.reason()), &error.to_string(), now)
    }

    /// A code that doesn't open can't be written. It is set aside as failed; everything else goes on.
    fn unreadable(&self, tx: &Tx, placement: &PlacementRecord, error: &store::Error, now: Millis) -> store::Result<()> {
        damage::report(tx, &Incident::of_code(placement.code_id, placement.property_id, error), now)?;
        let progress = Progress {
            reason: Some("code_unreadable"),
            ..Progress::settled(PlacementState::Failed, placement.slot, None)
        };
        if placements::advance(tx, placement, &progress, now)? {
            let detail = "The record of its digits is damaged.";
            record(tx, placement, "placement.failed", Outcome::Failed, Some("code_unreadable"), detail, now)?;
        }
        Ok(())
    }

    /// Takes a code off its lock (R24). What can't be recorded afterwards is done all the same, and recorded as soon as
    /// it can be (R31).
    async fn remove(&self, placement: PlacementRecord) -> store::Result<()> {
        let lock = LockId(placement.lock_id);
        let this = (placement.id, placement.generation);
        let removed = match placement.slot.and_then(Slot::new) {
            Some(_) if self.taken_off().contains(&this) => Ok(()),
            Some(slot) => self.remove_and_confirm(lock, slot).await,
            // Never got a slot: there is nothing to take off.
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
        let _turn = self.turns.at(lock.0).await;
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
            record(tx, placement, "placement.removed", Outcome::Done, None, "The lock confirmed it.", now)?;
        }
        Ok(())
    }

    fn not_removed(
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
        let next_attempt_at = until.map_or_else(|| self.pause(tries).map(|pause| now + pause), Ok)?;
        if until.is_none() {
            self.heard(tx, placement, error, now)?;
        }
        let tried = until.is_none();
        let progress = Progress { tried, ..failure(state, placement.slot, error, Some(next_attempt_at)) };
        let stored = placements::advance(tx, placement, &progress, now)?;
        let news = placement.state() != state || placement.reason.as_deref() != Some(error.reason());
        if !stored || !news {
            return Ok(());
        }
        let detail = format!("{error}. Until the lock confirms, the code still opens the door.");
        let reason = Some(error.reason());
        record(tx, placement, "placement.removal_unconfirmed", Outcome::Failed, reason, &detail, now)
    }

    /// A lock or hub that is left aside wasn't asked again for this placement: it waits with the others.
    fn not_reached(
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
        // A lock that is merely slow to answer may hold what was written; that is found out when it answers.
        let state = if error.is_offline() { PlacementState::WaitingOffline } else { placement.state() };
        let progress = Progress { tried: false, ..failure(state, placement.slot, error, Some(until)) };
        let stored = placements::advance(tx, placement, &progress, now)?;
        self.record_not_written(tx, placement, state, error, stored, now)
    }

    /// Milliseconds to wait before the next try.
    fn pause(&self, tries: u32) -> store::Result<Millis> {
        let random = getrandom::u64().map_err(|_| store::Error::NoRandomness)?;
        Ok(backoff::delay(tries, random).as_millis() as Millis)
    }

    /// What doesn't answer is left aside; what does is taken back.
    pub(super) fn note_answer(&self, lock_id: Uuid, error: Option<&LockError>, now: Millis) {
        match error {
            Some(error @ (LockError::HubOffline | LockError::LockOffline | LockError::TimedOut)) => {
                self.aside.leave(lock_id, error, now);
            }
            _ => self.aside.take_back(lock_id),
        }
    }

    /// Every answer of a lock is news of its presence, also one that says no.
    fn heard(&self, tx: &Tx, placement: &PlacementRecord, error: &LockError, now: Millis) -> store::Result<()> {
        match error {
            LockError::HubOffline => self.hub_online(tx, false, now),
            LockError::LockOffline => self.lock_online(tx, placement.lock_id, false, now),
            LockError::TimedOut => Ok(()),
            _ => self.lock_answered(tx, placement, now),
        }
    }

    fn lock_answered(&self, tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
        if placement.is_thought_offline() {
            self.hub_online(tx, true, now)?;
            self.lock_online(tx, placement.lock_id, true, now)?;
        }
        Ok(())
    }

    fn taken_off(&self) -> MutexGuard<'_, HashSet<(Uuid, i64)>> {
        self.taken_off.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What [`HubWorker::pick`] found.
enum Pick {
    /// To be done now, each at another lock.
    Due(Vec<PlacementRecord>),
    /// Some wait for what doesn't answer, which was noted.
    Noted,
    /// Nothing before that time.
    Nothing(Option<Millis>),
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

/// Why a code isn't known to be on its lock, where it may be all the same.
struct Unconfirmed {
    error: LockError,
    may_hold: bool,
}

impl From<LockError> for Unconfirmed {
    /// Of a write: after any other error the slot holds what it held before.
    fn from(error: LockError) -> Self {
        Self { may_hold: matches!(error, LockError::TimedOut | LockError::Rejected(_)), error }
    }
}

/// Where a code is to be written.
#[derive(Clone, Copy)]
enum Target {
    /// A slot of its own.
    Free(Slot),
    /// The slot of the code that it replaces, since no other is free (R27).
    Overwrite { slot: Slot, replaced: Uuid },
}

impl Target {
    fn slot(&self) -> Slot {
        match self {
            Self::Free(slot) | Self::Overwrite { slot, .. } => *slot,
        }
    }
}

fn failure(
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

fn record(
    tx: &Tx,
    placement: &PlacementRecord,
    action: &'static str,
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
