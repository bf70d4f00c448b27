//! Makes the locks agree with what is wanted (R24, R25, R27–R29), and the codes with the time.
//!
//! A task for each hub takes what is due from the outbox (see `store::placements`), so that a slow or dead hub slows
//! nobody else; a task for each hub hears what it tells; one task keeps the time of guest codes and tenancies.
//!
//! A deed at a lock lies between two transactions. The first reserves the slot and leaves the work in the outbox, so
//! that a server killed in between does the deed again, which the lock doesn't notice; the second stores what came of
//! it and its event.

use std::sync::Arc;

use access_code::Code;
use api_types::{Outcome, Subject};
use hub::{Accepted, HubEvent, LockDriver, LockError, LockId, ReadBack, Slot, SlotContent, backoff};
use store::audit::NewEvent;
use store::placements::{PlacementRecord, PlacementState, Progress};
use store::{Millis, Store, Tx, codes, doors, placements};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::{By, code_subject, guest_code, tenancy};
use crate::hubs::Hubs;
use crate::idempotency;

/// Tells the workers that there may be work. Never lost: a worker that is busy looks again afterwards.
#[derive(Clone)]
pub struct Wake(watch::Sender<u64>);

impl Default for Wake {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Wake {
    /// There may be work.
    pub fn wake(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// How many due placements a hub's worker takes at a time; removals that come meanwhile go first in the next turn.
const TURN: u32 = 8;

/// After so many tries a placement is shown as failed, or a removal as an incident, though it is still tried.
const TRIES_BEFORE_FAILED: u32 = 5;

/// Starts the workers. They end when the set is dropped.
pub fn start(store: &Store, hubs: &Hubs, clock: &Clock, wake: &Wake) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (hub_id, driver) in hubs.drivers() {
        let worker = HubWorker { store: store.clone(), clock: clock.clone(), wake: wake.clone(), hub_id, driver };
        let events = worker.driver.events();
        tasks.spawn(worker.clone().listen(events));
        tasks.spawn(worker.drive());
    }
    tasks.spawn(keep_time(store.clone(), clock.clone(), wake.clone()));
    tasks
}

/// Does all that is due at the clock's time, and no more: for the demonstration's year, which no task lives through.
pub struct Settler {
    store: Store,
    clock: Clock,
    hubs: Vec<(HubWorker, broadcast::Receiver<HubEvent>)>,
}

impl Settler {
    /// Hears what the hubs tell from now on.
    pub fn new(store: &Store, hubs: &Hubs, clock: &Clock) -> Self {
        let worker = |(hub_id, driver): (Uuid, Arc<dyn LockDriver>)| {
            let worker =
                HubWorker { store: store.clone(), clock: clock.clone(), wake: Wake::default(), hub_id, driver };
            let events = worker.driver.events();
            (worker, events)
        };
        Self { store: store.clone(), clock: clock.clone(), hubs: hubs.drivers().map(worker).collect() }
    }

    /// Works until nothing is due.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn settle(&mut self) -> store::Result<()> {
        loop {
            let mut busy = keep_time_once(&self.store, self.clock.now()).await?.0 > 0;
            for (worker, events) in &mut self.hubs {
                while let Ok(event) = events.try_recv() {
                    worker.hear(event).await?;
                    busy = true;
                }
                while let Turn::More = worker.turn().await? {
                    busy = true;
                }
            }
            if !busy {
                return Ok(());
            }
        }
    }

    /// When something is due next.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn next_due(&self) -> store::Result<Option<Millis>> {
        let mut db = self.store.read().await?;
        let guests = store::guest_codes::next_change(&mut db).await?;
        let tenancies = store::tenancies::next_change(&mut db).await?;
        let mut next: Vec<Millis> = guests.into_iter().chain(tenancies).collect();
        for (worker, _) in &self.hubs {
            next.extend(placements::next_due(&mut db, worker.hub_id).await?);
        }
        let now = self.clock.now();
        Ok(next.into_iter().filter(|at| *at > now).min())
    }
}

/// Opens and closes the windows of guest codes, ends tenancies that are over and gives new residents their code.
async fn keep_time(store: Store, clock: Clock, wake: Wake) {
    let mut woken = wake.0.subscribe();
    let mut forgotten_at = Millis::MIN;
    loop {
        woken.mark_unchanged();
        if clock.now() >= forgotten_at.saturating_add(FORGET_EVERY_MS) {
            forgotten_at = clock.now();
            if let Err(error) = forget_old_answers(&store, forgotten_at).await {
                tracing::error!(%error, "old answers were not forgotten");
            }
        }
        let next = match keep_time_once(&store, clock.now()).await {
            Ok((0, next)) => next,
            Ok((_, _)) => {
                wake.wake();
                continue;
            }
            Err(error) => {
                tracing::error!(%error, "keeping time failed");
                Some(clock.now() + PAUSE_AFTER_ERROR_MS)
            }
        };
        wait(&clock, &mut woken, next).await;
    }
}

/// One round of [`keep_time`]: how much was done, and when there is more to do.
async fn keep_time_once(store: &Store, now: Millis) -> store::Result<(usize, Option<Millis>)> {
    let (guests, tenancies) = {
        let mut db = store.read().await?;
        (store::guest_codes::next_change(&mut db).await?, store::tenancies::next_change(&mut db).await?)
    };
    let mut done = 0;
    if guests.is_some_and(|at| at <= now) {
        done += guest_code::keep_time(store, now).await?;
    }
    if tenancies.is_some_and(|at| at <= now) {
        done += tenancy::keep_time(store, now).await?;
    }
    // What was due and couldn't be done (no code is free) waits for another change, not for a time in the past.
    Ok((done, guests.into_iter().chain(tenancies).filter(|at| *at > now).min()))
}

/// How often answers that were kept for repeated requests are looked through for old ones.
const FORGET_EVERY_MS: Millis = 60 * 60 * 1000;

async fn forget_old_answers(store: &Store, now: Millis) -> store::Result<()> {
    let mut tx = store.begin().await?;
    store::idempotency::forget_before(&mut tx, now - idempotency::KEPT).await?;
    tx.commit_unrecorded().await
}

const PAUSE_AFTER_ERROR_MS: Millis = 5_000;

/// Waits until woken, or until `at` if there is such a time.
async fn wait(clock: &Clock, woken: &mut watch::Receiver<u64>, at: Option<Millis>) {
    let timer = async {
        match at {
            Some(at) => clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = woken.changed() => {}
        () = timer => {}
    }
}

#[derive(Clone)]
struct HubWorker {
    store: Store,
    clock: Clock,
    wake: Wake,
    hub_id: Uuid,
    driver: Arc<dyn LockDriver>,
}

impl HubWorker {
    async fn drive(self) {
        let mut woken = self.wake.0.subscribe();
        loop {
            woken.mark_unchanged();
            let next = match self.turn().await {
                Ok(Turn::More) => continue,
                Ok(Turn::Wait(next)) => next,
                Err(error) => {
                    tracing::error!(%error, hub = %self.hub_id, "driving a hub failed");
                    Some(self.clock.now() + PAUSE_AFTER_ERROR_MS)
                }
            };
            wait(&self.clock, &mut woken, next).await;
        }
    }

    async fn turn(&self) -> store::Result<Turn> {
        let now = self.clock.now();
        let due = {
            let mut db = self.store.read().await?;
            match placements::next_due(&mut db, self.hub_id).await? {
                Some(next) if next <= now => placements::due(&mut db, self.hub_id, now, TURN).await?,
                next => return Ok(Turn::Wait(next)),
            }
        };
        for placement in due {
            if placement.wanted { self.write(&placement).await? } else { self.remove(&placement).await? }
        }
        Ok(Turn::More)
    }

    /// Puts a code on its lock.
    async fn write(&self, placement: &PlacementRecord) -> store::Result<()> {
        let lock = LockId(placement.lock_id);
        let Some((code, target)) = self.reserve(placement).await? else { return Ok(()) };
        let written = match self.driver.capabilities(lock).await {
            Ok(capabilities) if !capabilities.lengths.support(code.length()) => {
                Err(LockError::LengthNotSupported.into())
            }
            Ok(capabilities) => match target.slot() {
                Some(slot) => self.write_and_confirm(lock, slot, &code, capabilities.read_back).await,
                None => Err(LockError::SlotsFull.into()),
            },
            Err(error) => Err(error.into()),
        };
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        match written {
            Ok(evidence) => {
                if let Target::Overwrite { slot, replaced } = target {
                    placements::take_over_slot(&mut tx, placement.id, replaced, slot.number(), now).await?;
                }
                let progress =
                    Progress::settled(PlacementState::OnLock, target.slot().map(Slot::number), Some(evidence));
                if placements::advance(&mut tx, placement, &progress, now).await? {
                    if let (Some(replaced), Target::Free(_)) = (placement.replaces, target) {
                        placements::unwant_one(&mut tx, replaced, now).await?;
                    }
                    let how =
                        if evidence == "read_back" { "Read back from the lock." } else { "Accepted by the lock." };
                    let detail = match target {
                        Target::Overwrite { .. } => format!("{how} Written over the code before it: no slot was free."),
                        _ => how.to_owned(),
                    };
                    self.record(&mut tx, placement, "placement.on_lock", Outcome::Done, None, detail, now).await?;
                    return tx.commit().await;
                }
                tx.commit_unrecorded().await
            }
            Err(unconfirmed) => self.write_failed(tx, placement, target, &unconfirmed, now).await,
        }
    }

    /// The code and the slot it is to go to, reserved so that no other code takes it and a restart goes on with it.
    async fn reserve(&self, placement: &PlacementRecord) -> store::Result<Option<(Code, Target)>> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let Some(record) = codes::get(&mut tx, placement.code_id).await? else { return Ok(None) };
        let code = codes::open(&self.store, &mut tx, &record).await?;
        let free = match placement.slot {
            Some(slot) => Some(slot),
            None => placements::free_slot(&mut tx, placement.lock_id).await?,
        };
        let target = match (free.and_then(Slot::new), placement.replaces) {
            (Some(slot), _) => Target::Free(slot),
            (None, Some(replaced)) => match placements::get(&mut tx, replaced).await? {
                Some(replaced) => match replaced.slot.and_then(Slot::new) {
                    Some(slot) => Target::Overwrite { slot, replaced: replaced.id },
                    None => Target::Full,
                },
                None => Target::Full,
            },
            (None, None) => Target::Full,
        };
        let slot = if let Target::Free(slot) = target { Some(slot.number()) } else { None };
        let still_wanted = placements::reserve(&mut tx, placement, slot, now).await?;
        tx.commit_unrecorded().await?;
        Ok(still_wanted.then_some((code, target)))
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

    async fn write_failed(
        &self,
        mut tx: Tx,
        placement: &PlacementRecord,
        target: Target,
        unconfirmed: &Unconfirmed,
        now: Millis,
    ) -> store::Result<()> {
        let Unconfirmed { error, may_hold } = unconfirmed;
        self.note_offline(&mut tx, placement.lock_id, error, now).await?;
        let tries = placement.attempts + 1;
        let (state, next_attempt_at) = if error.is_permanent() {
            (PlacementState::Failed, None)
        } else if error.is_offline() {
            (PlacementState::WaitingOffline, Some(now + self.pause(tries)?))
        } else if tries >= TRIES_BEFORE_FAILED {
            (PlacementState::Failed, Some(now + self.pause(tries)?))
        } else {
            (PlacementState::Pending, Some(now + self.pause(tries)?))
        };
        // Where this or an earlier try may have put it on the lock, the slot stays reserved, so that it is taken off
        // when it is no longer wanted (R24). Otherwise the slot is free again.
        let slot = match target {
            Target::Free(slot) if *may_hold || placement.slot.is_some() => Some(slot.number()),
            _ => None,
        };
        let progress = Progress {
            state,
            slot,
            reason: Some(error.reason()),
            evidence: None,
            protocol_error: Some(error.protocol_error()),
            next_attempt_at,
        };
        let stored = placements::advance(&mut tx, placement, &progress, now).await?;
        if !stored || placement.state() == state {
            // Said before, or no longer of interest.
            return tx.commit_unrecorded().await;
        }
        let (action, outcome) = match state {
            PlacementState::WaitingOffline => ("placement.waiting", Outcome::Done),
            _ => ("placement.failed", Outcome::Failed),
        };
        if state == PlacementState::Pending {
            return tx.commit_unrecorded().await;
        }
        self.record(&mut tx, placement, action, outcome, Some(error.reason()), error.to_string(), now).await?;
        tx.commit().await
    }

    /// Takes a code off its lock (R24).
    async fn remove(&self, placement: &PlacementRecord) -> store::Result<()> {
        let lock = LockId(placement.lock_id);
        let removed = match placement.slot.and_then(Slot::new) {
            Some(slot) => self.remove_and_confirm(lock, slot).await,
            // Never got a slot: there is nothing to take off.
            None => Ok(()),
        };
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let error = match removed {
            Ok(()) => {
                let progress = Progress::settled(PlacementState::Removed, None, None);
                if !placements::advance(&mut tx, placement, &progress, now).await? {
                    return tx.commit_unrecorded().await;
                }
                let detail = "The lock confirmed it.".to_owned();
                self.record(&mut tx, placement, "placement.removed", Outcome::Done, None, detail, now).await?;
                return tx.commit().await;
            }
            Err(error) => error,
        };
        self.note_offline(&mut tx, placement.lock_id, &error, now).await?;
        let tries = placement.attempts + 1;
        let incident = !error.is_offline() && tries >= TRIES_BEFORE_FAILED;
        let state = if incident { PlacementState::RemovalFailed } else { PlacementState::Removing };
        let progress = Progress {
            state,
            slot: placement.slot,
            reason: Some(error.reason()),
            evidence: None,
            protocol_error: Some(error.protocol_error()),
            next_attempt_at: Some(now + self.pause(tries)?),
        };
        let stored = placements::advance(&mut tx, placement, &progress, now).await?;
        let news = placement.state() != state || placement.reason.as_deref() != Some(error.reason());
        if !stored || !news {
            return tx.commit_unrecorded().await;
        }
        let detail = format!("{error}. Until the lock confirms, the code still opens the door.");
        let reason = Some(error.reason());
        self.record(&mut tx, placement, "placement.removal_unconfirmed", Outcome::Failed, reason, detail, now).await?;
        tx.commit().await
    }

    async fn remove_and_confirm(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        self.driver.remove(lock, slot).await?;
        if self.driver.capabilities(lock).await?.read_back == ReadBack::None {
            return Ok(());
        }
        match self.driver.read_back(lock, slot).await? {
            SlotContent::Empty => Ok(()),
            SlotContent::Holds(_) | SlotContent::Occupied => Err(LockError::rejected("the slot still holds a code")),
        }
    }

    /// Milliseconds to wait before the next try.
    fn pause(&self, tries: u32) -> store::Result<Millis> {
        let random = getrandom::u64().map_err(|_| store::Error::NoRandomness)?;
        Ok(backoff::delay(tries, random).as_millis() as Millis)
    }

    /// Remembers that a lock or this hub is offline, if that is news.
    async fn note_offline(&self, tx: &mut Tx, lock_id: Uuid, error: &LockError, now: Millis) -> store::Result<()> {
        match error {
            LockError::HubOffline => self.hub_online(tx, false, now).await,
            LockError::LockOffline => self.lock_online(tx, lock_id, false, now).await,
            _ => Ok(()),
        }
    }

    async fn hub_online(&self, tx: &mut Tx, online: bool, now: Millis) -> store::Result<()> {
        if !doors::set_hub_online(tx, self.hub_id, online, now).await? {
            return Ok(());
        }
        if online {
            placements::retry_hub_now(tx, self.hub_id, now).await?;
        }
        let Some((property_id, name)) = doors::hub_name(tx, self.hub_id).await? else { return Ok(()) };
        let subject = Subject { kind: "hub".into(), id: Some(self.hub_id), name };
        let action = if online { "hub.online" } else { "hub.offline" };
        tx.record(now, NewEvent { property_id: Some(property_id), ..By::system().event(action, subject) }).await?;
        Ok(())
    }

    async fn lock_online(&self, tx: &mut Tx, lock_id: Uuid, online: bool, now: Millis) -> store::Result<()> {
        if !doors::set_lock_online(tx, lock_id, online, now).await? {
            return Ok(());
        }
        if online {
            placements::retry_lock_now(tx, lock_id, now).await?;
        }
        let Some((property_id, door_id, name)) = doors::lock_name(tx, lock_id).await? else { return Ok(()) };
        let subject = Subject { kind: "door".into(), id: Some(door_id), name };
        let action = if online { "lock.online" } else { "lock.offline" };
        let event = By::system().event(action, subject);
        tx.record(now, NewEvent { property_id: Some(property_id), door_id: Some(door_id), ..event }).await?;
        Ok(())
    }

    /// Hears what the hub tells.
    async fn listen(self, mut events: broadcast::Receiver<HubEvent>) {
        loop {
            let heard = match events.recv().await {
                Ok(event) => self.hear(event).await,
                Err(broadcast::error::RecvError::Lagged(_)) => self.ask_every_lock().await,
                Err(broadcast::error::RecvError::Closed) => return,
            };
            if let Err(error) = heard {
                tracing::error!(%error, hub = %self.hub_id, "an event of a hub was lost");
            }
            self.wake.wake();
        }
    }

    async fn hear(&self, event: HubEvent) -> store::Result<()> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        match event {
            HubEvent::HubOnline => self.hub_online(&mut tx, true, now).await?,
            HubEvent::HubOffline => self.hub_online(&mut tx, false, now).await?,
            HubEvent::LockOnline { lock } => self.lock_online(&mut tx, lock.0, true, now).await?,
            HubEvent::LockOffline { lock } => self.lock_online(&mut tx, lock.0, false, now).await?,
            HubEvent::BatteryLevel { lock, percent } => doors::set_battery(&mut tx, lock.0, percent).await?,
            HubEvent::CodeUsed { lock, slot } => {
                if let Some(placement) = placements::by_slot(&mut tx, lock.0, slot.number()).await? {
                    guest_code::used(&mut tx, &placement, now).await?;
                }
            }
            // Codes that somebody programs at a lock are for the hubs to come, with placements that heal.
            HubEvent::SlotChanged { .. } => {}
        }
        // Whatever of this is an action has recorded itself; a battery level is not one.
        tx.commit_unrecorded().await
    }

    /// Events were lost: asks each lock how it is.
    async fn ask_every_lock(&self) -> store::Result<()> {
        let locks = doors::all_locks(&mut *self.store.read().await?).await?;
        for lock in locks.into_iter().filter(|lock| lock.hub_id == self.hub_id) {
            let answer = self.driver.ping(LockId(lock.id)).await;
            let now = self.clock.now();
            let mut tx = self.store.begin().await?;
            match answer {
                Ok(_) => {
                    self.hub_online(&mut tx, true, now).await?;
                    self.lock_online(&mut tx, lock.id, true, now).await?;
                }
                Err(error) => self.note_offline(&mut tx, lock.id, &error, now).await?,
            }
            tx.commit_unrecorded().await?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "an event's parts, for one private helper")]
    async fn record(
        &self,
        tx: &mut Tx,
        placement: &PlacementRecord,
        action: &'static str,
        outcome: Outcome,
        code: Option<&str>,
        detail: String,
        now: Millis,
    ) -> store::Result<()> {
        let Some(holder) = codes::holder(tx, placement.code_id).await? else { return Ok(()) };
        let event = NewEvent {
            property_id: Some(placement.property_id),
            resident_id: holder.tenancy_id,
            door_id: Some(placement.door_id),
            outcome,
            code: code.map(str::to_owned),
            detail: format!("{}: {detail}", placement.door_name),
            ..By::system().event(action, code_subject(&holder))
        };
        tx.record(now, event).await?;
        Ok(())
    }
}

enum Turn {
    More,
    Wait(Option<Millis>),
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
    /// Nowhere.
    Full,
}

impl Target {
    fn slot(&self) -> Option<Slot> {
        match self {
            Self::Free(slot) | Self::Overwrite { slot, .. } => Some(*slot),
            Self::Full => None,
        }
    }
}
