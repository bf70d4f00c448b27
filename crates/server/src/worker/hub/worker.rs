//! The state of the work at one hub.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use hub::{HubEvent, LockDriver};
use ids::{HubId, PlacementId};
use store::Store;
use tokio::sync::{Notify, broadcast};

use crate::clock::Clock;
use crate::worker::turns::{Turns, UnrecordedRemovals};
use crate::worker::unreachable::Unreachable;

#[derive(Clone)]
pub(in crate::worker) struct HubWorker {
    pub(in crate::worker) store: Store,
    pub(in crate::worker) clock: Clock,
    pub(in crate::worker) hub_id: HubId,
    pub(in crate::worker) driver: Arc<dyn LockDriver>,
    pub(in crate::worker) turns: Turns,
    /// Single-use codes that have been used, being taken off while that can't be recorded.
    pub(in crate::worker) one_time: UnrecordedRemovals,
    pub(in crate::worker) unreachable: Unreachable,
    /// Placements, with their generation, that were taken off their locks without that having been recorded yet.
    pub(super) taken_off: Arc<Mutex<HashSet<(PlacementId, i64)>>>,
    /// Whether a task has listened to this hub before.
    pub(in crate::worker) listened_before: Arc<AtomicBool>,
    /// The hub's events from before anybody listened, so that none is missed between connecting and that.
    pub(in crate::worker) first_events: Arc<Mutex<Option<broadcast::Receiver<HubEvent>>>>,
    /// Notified when every lock is to be pinged.
    pub(in crate::worker) ping_all: Arc<Notify>,
    /// Notified when the hub is to be asked what it is and what its locks can do.
    pub(in crate::worker) ask_hub: Arc<Notify>,
    /// Notified when what doesn't answer is to be tried again at once.
    pub(in crate::worker) try_again: Arc<Notify>,
}

impl HubWorker {
    pub(in crate::worker) fn new(
        store: &Store,
        clock: &Clock,
        hub_id: HubId,
        driver: Arc<dyn LockDriver>,
        turns: &Turns,
    ) -> Self {
        let first_events = driver.events();
        let ask_hub = Arc::new(Notify::new());
        ask_hub.notify_one();
        Self {
            store: store.clone(),
            clock: clock.clone(),
            hub_id,
            driver,
            turns: turns.clone(),
            one_time: UnrecordedRemovals::new(store, turns),
            unreachable: Unreachable::default(),
            taken_off: Arc::default(),
            listened_before: Arc::default(),
            first_events: Arc::new(Mutex::new(Some(first_events))),
            ping_all: Arc::default(),
            ask_hub,
            try_again: Arc::default(),
        }
    }
}
