//! Who of a hub and its locks is there: what the hub tells, and what it is asked.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use api_types::{Action, Subject};
use hub::{HubEvent, LockError, LockHealth, LockId};
use store::audit::NewEvent;
use store::doors::LockRecord;
use store::placements::PlacementRecord;
use store::{Db, Millis, Tx, doors, placements};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::hub::HubWorker;
use super::pace::PAUSE_AFTER_ERROR;
use crate::domain::{By, guest_code};

/// What is thought offline is asked again so often.
const ASK_AGAIN_EVERY: Millis = 30 * 1000;

/// So many events are kept while they can't be stored. When there are more, every lock is asked how it is instead.
const EVENTS_KEPT: usize = 10_000;

impl HubWorker {
    /// Hears what the hub tells. What can't be stored yet is kept, in its order, until it can be.
    pub(super) async fn listen(self) {
        let mut told = self.driver.events();
        if self.heard_before.swap(true, Ordering::Relaxed) {
            // This was started again, and something may have been told meanwhile.
            self.ask_all.notify_one();
        }
        let mut heard: VecDeque<HubEvent> = VecDeque::new();
        loop {
            let event = if heard.is_empty() {
                told.recv().await
            } else {
                match told.try_recv() {
                    Err(TryRecvError::Empty) => {
                        self.store_first(&mut heard).await;
                        continue;
                    }
                    Err(TryRecvError::Closed) => Err(RecvError::Closed),
                    Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                    Ok(event) => Ok(event),
                }
            };
            match event {
                Ok(event) if heard.len() < EVENTS_KEPT => heard.push_back(event),
                Ok(_) | Err(RecvError::Lagged(_)) => self.ask_all.notify_one(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn store_first(&self, heard: &mut VecDeque<HubEvent>) {
        let Some(event) = heard.front() else { return };
        match self.hear(*event).await {
            Ok(()) => {
                heard.pop_front();
                if heard.is_empty() {
                    self.used.forget();
                }
            }
            // It could never be stored, and what was told after it must not wait for that.
            Err(error) if !error.is_of_storage() => {
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

    pub(super) async fn hear(&self, event: HubEvent) -> store::Result<()> {
        let (worker, now) = (self.clone(), self.clock.now());
        match event {
            HubEvent::HubOnline => self.aside.take_hub_back(),
            HubEvent::LockOnline { lock } => self.aside.take_back(lock.0),
            _ => {}
        }
        // Whatever of this is an action records itself; a battery level is not one.
        let stored = self.store.write_unrecorded(move |tx| match event {
            HubEvent::HubOnline => worker.hub_online(tx, true, now),
            HubEvent::HubOffline => worker.hub_online(tx, false, now),
            HubEvent::LockOnline { lock } => worker.lock_online(tx, lock.0, true, now),
            HubEvent::LockOffline { lock } => worker.lock_online(tx, lock.0, false, now),
            HubEvent::BatteryLevel { lock, percent } => doors::set_battery(tx, lock.0, percent),
            HubEvent::CodeUsed { lock, slot } => match placements::by_slot(tx, lock.0, slot.number())? {
                Some(placement) => guest_code::used(tx, &placement, now),
                None => Ok(()),
            },
            // Codes that somebody programs at a lock are for the hubs to come, with placements that heal.
            HubEvent::SlotChanged { .. } => Ok(()),
        });
        stored.await
    }

    /// Codes were used, which can't be recorded yet. Those that are good for one use are taken off all the same (R31),
    /// whatever else was told before.
    async fn take_off_used(&self, heard: &VecDeque<HubEvent>) {
        let used = heard.iter().filter_map(|event| match event {
            HubEvent::CodeUsed { lock, slot } => Some((lock.0, slot.number())),
            _ => None,
        });
        let used: Vec<(Uuid, u16)> = used.collect();
        if used.is_empty() {
            return;
        }
        let found = self.store.read(move |db| {
            let mut used_up = Vec::new();
            for (lock_id, slot) in used {
                match used_up_by_use(db, lock_id, slot) {
                    Ok(placement) => used_up.extend(placement),
                    Err(error) if error.is_of_one_record() => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(used_up)
        });
        match found.await {
            Ok(used_up) => used_up.iter().for_each(|placement| self.used.take_off(placement)),
            Err(error) => tracing::error!(%error, hub = %self.hub_id, "which codes were used can't be found out"),
        }
    }

    /// Asks again whatever is thought offline, for ever, since nobody else may ever ask it; and every lock when events
    /// were lost.
    pub(super) async fn ask_again(self) {
        let mut all = false;
        loop {
            let next = self.clock.now() + ASK_AGAIN_EVERY;
            if !all {
                tokio::select! {
                    () = self.clock.sleep_until(next) => {}
                    () = self.ask_all.notified() => all = true,
                }
            }
            match self.ask_locks(!all).await {
                Ok(()) => all = false,
                Err(error) => {
                    tracing::error!(%error, hub = %self.hub_id, "locks can't be asked how they are");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    /// Asks each lock how it is, or each that is thought offline; of a hub that doesn't answer only one.
    async fn ask_locks(&self, only_offline: bool) -> store::Result<()> {
        let hub_id = self.hub_id;
        let mut locks = self.store.read(move |db| doors::locks_of_hub(db, hub_id)).await?;
        if only_offline {
            locks.retain(|lock| !lock.online || !lock.hub_online);
        }
        let mut locks = locks.into_iter();
        let mut asked = JoinSet::new();
        // One at first: where the hub doesn't answer, no other of its locks does.
        let mut at_once: usize = 1;
        loop {
            for lock in locks.by_ref().take(at_once.saturating_sub(asked.len())) {
                let worker = self.clone();
                asked.spawn(async move { (worker.ping_unless_busy(lock.id).await, lock) });
            }
            match asked.join_next().await {
                // What is being done there will show.
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
            at_once = self.driver.locks_at_once().max(1);
        }
    }

    /// Asks a lock how it is, unless somebody is at it: a deed that takes long must keep no other lock from being asked.
    async fn ping_unless_busy(&self, lock_id: Uuid) -> Option<Result<LockHealth, LockError>> {
        let _turn = self.turns.at_once(lock_id).await?;
        Some(self.driver.ping(LockId(lock_id)).await)
    }

    /// A lock that was asked answered so, or didn't.
    async fn note_presence(&self, lock: &LockRecord, answer: Result<LockHealth, LockError>) -> store::Result<()> {
        let (worker, lock_id, now) = (self.clone(), lock.id, self.clock.now());
        self.note_answer(lock_id, answer.as_ref().err(), now);
        let as_thought = match &answer {
            Ok(_) => lock.online && lock.hub_online,
            Err(LockError::HubOffline) => !lock.hub_online,
            Err(LockError::LockOffline) => !lock.online && lock.hub_online,
            Err(_) => true,
        };
        if as_thought {
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
        if online {
            placements::retry_hub_now(tx, self.hub_id, now)?;
        }
        let Some((property_id, name)) = doors::hub_name(tx, self.hub_id)? else { return Ok(()) };
        let subject = Subject { kind: "hub".into(), id: Some(self.hub_id), name };
        let action = if online { Action::HubOnline } else { Action::HubOffline };
        tx.record(now, NewEvent { property_id: Some(property_id), ..By::system().event(action, subject) })?;
        Ok(())
    }

    pub(super) fn lock_online(&self, tx: &Tx, lock_id: Uuid, online: bool, now: Millis) -> store::Result<()> {
        if !doors::set_lock_online(tx, lock_id, online, now)? {
            return Ok(());
        }
        if online {
            placements::retry_lock_now(tx, lock_id, now)?;
        }
        let Some((property_id, door_id, name)) = doors::lock_name(tx, lock_id)? else { return Ok(()) };
        let subject = Subject { kind: "door".into(), id: Some(door_id), name };
        let action = if online { Action::LockOnline } else { Action::LockOffline };
        let event = By::system().event(action, subject);
        tx.record(now, NewEvent { property_id: Some(property_id), door_id: Some(door_id), ..event })?;
        Ok(())
    }
}

/// The placement in that slot, if its code is over with the use that was just made of it.
fn used_up_by_use(db: &Db, lock_id: Uuid, slot: u16) -> store::Result<Option<PlacementRecord>> {
    let Some(placement) = placements::by_slot(db, lock_id, slot)? else { return Ok(None) };
    Ok(guest_code::is_used_up_by_use(db, placement.code_id)?.then_some(placement))
}
