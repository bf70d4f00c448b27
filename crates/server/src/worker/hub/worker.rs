//! What the work at one hub has in hand.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use hub::LockDriver;
use store::Store;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::clock::Clock;
use crate::worker::aside::Aside;
use crate::worker::turns::{Turns, Unrecorded};

#[derive(Clone)]
pub(in crate::worker) struct HubWorker {
    pub(in crate::worker) store: Store,
    pub(in crate::worker) clock: Clock,
    pub(in crate::worker) hub_id: Uuid,
    pub(in crate::worker) driver: Arc<dyn LockDriver>,
    pub(in crate::worker) turns: Turns,
    /// Used codes that are good for one use.
    pub(in crate::worker) used: Unrecorded,
    pub(in crate::worker) aside: Aside,
    /// Taken off their locks, which couldn't be recorded yet: placements with the generation that was taken off.
    pub(super) taken_off: Arc<Mutex<HashSet<(Uuid, i64)>>>,
    /// Somebody has listened to this hub already.
    pub(in crate::worker) heard_before: Arc<AtomicBool>,
    /// Every lock is to be asked how it is.
    pub(in crate::worker) ask_all: Arc<Notify>,
}

impl HubWorker {
    pub(in crate::worker) fn new(
        store: &Store,
        clock: &Clock,
        hub_id: Uuid,
        driver: Arc<dyn LockDriver>,
        turns: &Turns,
    ) -> Self {
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
}
