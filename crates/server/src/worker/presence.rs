//! Which of a hub and its locks are online: from the hub's events, and by pinging.

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use api_types::{Action, Subject, SubjectKind};
use hub::{HubEvent, LockError, LockHealth};
use ids::LockId;
use store::audit::NewEvent;
use store::doors::LockRecord;
use store::placements::PlacementRecord;
use store::{Db, Millis, Tx, doors, hubs, placements, unknown_codes};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::JoinSet;

use super::hub::HubWorker;
use super::pace::PAUSE_AFTER_ERROR;
use crate::domain::{By, door_lock, guest_code};

/// How often what is presumed offline is pinged, in milliseconds.
const POLL_INTERVAL: Millis = 30 * 1000;

/// How many events are kept while they can't be stored. Beyond that, every lock is pinged instead.
const MAX_PENDING_EVENTS: usize = 10_000;

impl HubWorker {
    /// Listens to the hub's events. What can't be stored yet is kept, in order, until it can be.
    pub(super) async fn listen(self) {
        let first = self.first_events.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut events = first.unwrap_or_else(|| self.driver.events());
        if self.listened_before.swap(true, Ordering::Relaxed) {
            // This is a restart, and events may have been missed in between.
            self.ping_all.notify_one();
        }
        let mut heard: VecDeque<HubEvent> = VecDeque::new();
        loop {
            let event = if heard.is_empty() {
                events.recv().await
            } else {
                match events.try_recv() {
                    Err(TryRecvError::Empty) => {
                        self.process_first(&mut heard).await;
                        continue;
                    }
                    Err(TryRecvError::Closed) => Err(RecvError::Closed),
                    Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                    Ok(event) => Ok(event),
                }
            };
            match event {
                Ok(event) if heard.len() < MAX_PENDING_EVENTS => heard.push_back(event),
                Ok(_) | Err(RecvError::Lagged(_)) => self.ping_all.notify_one(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn process_first(&self, heard: &mut VecDeque<HubEvent>) {
        let Some(event) = heard.front() else { return };
        match self.handle_event(*event).await {
            Ok(()) => {
                heard.pop_front();
                if heard.is_empty() {
                    self.one_time.forget();
                }
            }
            // It can never be stored, and later events must not wait for it.
            Err(error) if !error.is_storage_failure() => {
                tracing::error!(%error, hub = %self.hub_id, "what a hub told can't be stored");
                heard.pop_front();
            }
            Err(error) => {
                tracing::error!(%error, hub = %self.hub_id, "what a hub told can't be stored yet");
                self.take_off_used(heard).await;
                tokio::time::sleep(PAUSE_AFTER_ERROR).await;
            }
        }
    }

    pub(super) async fn handle_event(&self, event: HubEvent) -> store::Result<()> {
        let (worker, now) = (self.clone(), self.clock.now());
        match event {
            HubEvent::HubOnline | HubEvent::HubOffline => self.unreachable.clear_all(),
            HubEvent::LockOnline { lock } | HubEvent::LockOffline { lock } => self.unreachable.clear_lock(lock),
            _ => {}
        }
        if matches!(event, HubEvent::HubOnline | HubEvent::LocksChanged) {
            self.ask_hub.notify_one();
        }
        // What counts as an action records itself; a battery level doesn't.
        let stored = self.store.write_unrecorded(move |tx| match event {
            HubEvent::HubOnline => worker.hub_online(tx, true, now),
            HubEvent::HubOffline => worker.hub_online(tx, false, now),
            HubEvent::LockOnline { lock } => worker.lock_online(tx, lock, true, now),
            HubEvent::LockOffline { lock } => worker.lock_online(tx, lock, false, now),
            HubEvent::BatteryLevel { lock, percent } => {
                if doors::set_battery(tx, lock, percent, now)? {
                    placements::follow_lock(tx, lock, true, now)
                } else {
                    Ok(())
                }
            }
            HubEvent::CodeUsed { lock, slot } => match placements::by_slot(tx, lock, slot.number())? {
                Some(placement) => guest_code::record_use(tx, &placement, now),
                None => Ok(()),
            },
            // The hub is asked for them.
            HubEvent::LocksChanged => Ok(()),
            HubEvent::SlotChanged { lock, slot } => {
                let slot = slot.number();
                match placements::by_slot(tx, lock, slot)? {
                    Some(_) => placements::check_slot(tx, lock, slot, now),
                    // That the lock isn't one of ours any more is no reason to lose what else is heard.
                    None if doors::lock_name(tx, lock)?.is_some() => unknown_codes::suspect(tx, lock, slot, now),
                    None => Ok(()),
                }
            }
        });
        stored.await
    }

    /// Handles uses of codes that can't be recorded yet. Single-use codes are taken off all the same (R31), whatever
    /// other events precede them.
    async fn take_off_used(&self, heard: &VecDeque<HubEvent>) {
        let one_time = heard.iter().filter_map(|event| match event {
            HubEvent::CodeUsed { lock, slot } => Some((*lock, slot.number())),
            _ => None,
        });
        let one_time: Vec<(LockId, u16)> = one_time.collect();
        if one_time.is_empty() {
            return;
        }
        let found = self.store.read(move |db| {
            let mut used_up = Vec::new();
            for (lock_id, slot) in one_time {
                match used_up_placement(db, lock_id, slot) {
                    Ok(placement) => used_up.extend(placement),
                    Err(error) if error.is_single_record() => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(used_up)
        });
        match found.await {
            Ok(used_up) => used_up.iter().for_each(|placement| self.one_time.take_off(placement)),
            Err(error) => tracing::error!(%error, hub = %self.hub_id, "which codes were used can't be found out"),
        }
    }

    /// Pings whatever is presumed offline, for ever, since nothing else may ever contact it; and every lock when events
    /// were lost. Asks the hub itself what it is when it has come or has other locks.
    pub(super) async fn poll_offline(self) {
        let mut all = false;
        let mut next = self.clock.now();
        loop {
            if !all {
                tokio::select! {
                    () = self.clock.sleep_until(next) => {}
                    () = self.ping_all.notified() => all = true,
                    () = self.ask_hub.notified() => {
                        if let Err(error) = self.ask_the_hub().await {
                            tracing::error!(%error, hub = %self.hub_id, "what a hub says of itself can't be stored");
                        }
                        continue;
                    }
                }
            }
            next = self.clock.now() + POLL_INTERVAL;
            match self.ping_locks(!all).await {
                Ok(()) => all = false,
                Err(error) => {
                    tracing::error!(%error, hub = %self.hub_id, "locks can't be asked how they are");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    /// Notes what the hub says that it is, and what its locks can do now.
    async fn ask_the_hub(&self) -> store::Result<()> {
        let (worker, hub_id, now) = (self.clone(), self.hub_id, self.clock.now());
        let about = self.driver.about().await;
        let found = match &about {
            Ok(_) => self.driver.locks().await.unwrap_or_default(),
            Err(LockError::HubOffline | LockError::Rejected(_)) => Vec::new(),
            // It can't be asked, or not now.
            Err(_) => return Ok(()),
        };
        self.store
            .write_unrecorded(move |tx| {
                match &about {
                    Ok(about) => {
                        hubs::set_greeting(tx, hub_id, Ok(&about.version))?;
                        worker.hub_online(tx, true, now)?;
                    }
                    Err(error) => {
                        if let LockError::Rejected(said) = error {
                            hubs::set_greeting(tx, hub_id, Err(said.as_str()))?;
                        }
                        worker.hub_online(tx, false, now)?;
                    }
                }
                let linked = doors::locks_of_hub(tx, hub_id)?;
                for found in &found {
                    let is_it = |lock: &&LockRecord| lock.hub_lock.as_deref() == Some(found.lock.as_str());
                    if let Some(lock) = linked.iter().find(is_it) {
                        door_lock::describe_again(tx, lock.id, found, now)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Pings each lock, or each that is presumed offline; only one if the hub doesn't answer.
    async fn ping_locks(&self, only_offline: bool) -> store::Result<()> {
        let hub_id = self.hub_id;
        let mut locks = self.store.read(move |db| doors::locks_of_hub(db, hub_id)).await?;
        if locks.is_empty() {
            // Nothing else tells whether it answers.
            return self.ask_the_hub().await;
        }
        if only_offline {
            locks.retain(|lock| !lock.online || !lock.hub_online);
        }
        let mut locks = locks.into_iter();
        let mut pings = JoinSet::new();
        // Only one at first: if the hub doesn't answer, none of its locks will.
        let mut batch: usize = 1;
        loop {
            for lock in locks.by_ref().take(batch.saturating_sub(pings.len())) {
                let worker = self.clone();
                pings.spawn(async move { (worker.ping_unless_busy(lock.id).await, lock) });
            }
            match pings.join_next().await {
                // The deed under way there will tell.
                Some(Ok((None, _))) => {}
                Some(Ok((Some(answer), lock))) => {
                    let hub_offline = matches!(answer, Err(LockError::HubOffline));
                    self.note_presence(&lock, answer).await?;
                    if hub_offline {
                        return Ok(());
                    }
                }
                Some(Err(_)) => tracing::error!(hub = %self.hub_id, "asking a lock how it is panicked"),
                None => return Ok(()),
            }
            batch = self.driver.locks_at_once().max(1);
        }
    }

    /// Pings a lock unless it is busy: a slow deed must not keep other locks from being pinged.
    async fn ping_unless_busy(&self, lock_id: LockId) -> Option<Result<LockHealth, LockError>> {
        let _turn = self.turns.try_acquire(lock_id).await?;
        Some(self.driver.ping(lock_id).await)
    }

    /// Notes what pinging a lock showed.
    async fn note_presence(&self, lock: &LockRecord, answer: Result<LockHealth, LockError>) -> store::Result<()> {
        let (worker, lock_id, now) = (self.clone(), lock.id, self.clock.now());
        self.note_answer(lock_id, answer.as_ref().err(), now);
        let as_presumed = match &answer {
            Ok(_) => lock.online && lock.hub_online,
            Err(LockError::HubOffline) => !lock.hub_online,
            Err(LockError::LockOffline) => !lock.online && lock.hub_online,
            Err(_) => true,
        };
        if as_presumed {
            return Ok(());
        }
        self.store
            .write_unrecorded(move |tx| match answer {
                Ok(_) => {
                    worker.hub_online(tx, true, now)?;
                    worker.lock_online(tx, lock_id, true, now)
                }
                Err(LockError::HubOffline) => worker.hub_online(tx, false, now),
                Err(_) => {
                    worker.hub_online(tx, true, now)?;
                    worker.lock_online(tx, lock_id, false, now)
                }
            })
            .await
    }

    pub(super) fn hub_online(&self, tx: &Tx, online: bool, now: Millis) -> store::Result<()> {
        if !doors::set_hub_online(tx, self.hub_id, online, now)? {
            return Ok(());
        }
        placements::follow_hub(tx, self.hub_id, online, now)?;
        let Some((property_id, name)) = doors::hub_name(tx, self.hub_id)? else { return Ok(()) };
        let subject = Subject { kind: SubjectKind::Hub.into(), id: Some(self.hub_id.uuid()), name };
        let action = if online { Action::HubOnline } else { Action::HubOffline };
        tx.record(now, NewEvent { property_id: Some(property_id), ..By::system().event(action, subject) })?;
        Ok(())
    }

    pub(super) fn lock_online(&self, tx: &Tx, lock_id: LockId, online: bool, now: Millis) -> store::Result<()> {
        if !doors::set_lock_online(tx, lock_id, online, now)? {
            return Ok(());
        }
        placements::follow_lock(tx, lock_id, online, now)?;
        let Some((property_id, door_id, name)) = doors::lock_name(tx, lock_id)? else { return Ok(()) };
        let subject = Subject { kind: SubjectKind::Door.into(), id: Some(door_id.uuid()), name };
        let action = if online { Action::LockOnline } else { Action::LockOffline };
        let event = By::system().event(action, subject);
        tx.record(now, NewEvent { property_id: Some(property_id), door_id: Some(door_id), ..event })?;
        Ok(())
    }
}

/// The placement in that slot, if the use just made of its code ends it.
fn used_up_placement(db: &Db, lock_id: LockId, slot: u16) -> store::Result<Option<PlacementRecord>> {
    let Some(placement) = placements::by_slot(db, lock_id, slot)? else { return Ok(None) };
    Ok(guest_code::ends_on_use(db, placement.code_id)?.then_some(placement))
}
