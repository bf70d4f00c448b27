//! One deed at a time at each lock, whichever task it is for (driving it, pinging it, taking expired codes off), and
//! taking codes off although that can't be recorded yet (R31).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hub::{LockDriver, Slot};
use ids::{HubId, LockId, PlacementId};
use store::Store;
use store::placements::{self, PlacementRecord};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// Whose turn it is at which lock of a hub.
#[derive(Clone)]
pub(super) struct Turns {
    driver: Arc<dyn LockDriver>,
    locks: Arc<Mutex<HashMap<LockId, Arc<tokio::sync::Mutex<()>>>>>,
    /// As many permits as the hub's radio can handle at a time.
    radio: Arc<OnceLock<Arc<Semaphore>>>,
}

/// A turn at a lock. It ends when this is dropped.
pub(super) struct Turn {
    _radio_permit: Option<OwnedSemaphorePermit>,
    _lock_guard: OwnedMutexGuard<()>,
}

impl Turns {
    pub(super) fn for_driver(driver: &Arc<dyn LockDriver>) -> Self {
        Self { driver: driver.clone(), locks: Arc::default(), radio: Arc::default() }
    }

    /// Waits for a turn at a lock, first come, first served.
    pub(super) async fn acquire(&self, lock_id: LockId) -> Turn {
        let lock_guard = self.lock(lock_id).lock_owned().await;
        self.turn(lock_guard).await
    }

    /// A turn at a lock, if it is free and nobody is waiting for it.
    pub(super) async fn try_acquire(&self, lock_id: LockId) -> Option<Turn> {
        let lock_guard = self.lock(lock_id).try_lock_owned().ok()?;
        Some(self.turn(lock_guard).await)
    }

    async fn turn(&self, lock_guard: OwnedMutexGuard<()>) -> Turn {
        let radio = self.radio.get_or_init(|| Arc::new(Semaphore::new(self.driver.locks_at_once().max(1)))).clone();
        // An error would mean that it was closed, which never happens.
        let radio_permit = radio.acquire_owned().await.ok();
        Turn { _radio_permit: radio_permit, _lock_guard: lock_guard }
    }

    fn lock(&self, lock_id: LockId) -> Arc<tokio::sync::Mutex<()>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).entry(lock_id).or_default().clone()
    }
}

/// A placement's id and generation.
type PlacementVersion = (PlacementId, i64);

/// Codes that have to go and were taken off their locks, or are being taken off, although that can't be recorded yet.
///
/// Nobody waits for it: a lock that is slow to answer, or never does, holds up neither other removals nor anything
/// else.
#[derive(Clone)]
pub(super) struct UnrecordedRemovals {
    store: Store,
    turns: Turns,
    known: Arc<Mutex<HashMap<PlacementVersion, Stage>>>,
    under_way: Arc<Mutex<JoinSet<()>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    UnderWay,
    Off,
}

impl UnrecordedRemovals {
    pub(super) fn new(store: &Store, turns: &Turns) -> Self {
        Self { store: store.clone(), turns: turns.clone(), known: Arc::default(), under_way: Arc::default() }
    }

    /// Starts taking a code off its lock, unless that is done or under way. If it fails, the caller has to ask again.
    pub(super) fn take_off(&self, placement: &PlacementRecord) {
        let version = (placement.id, placement.generation);
        let (lock_id, slot) = (placement.lock_id, placement.slot.and_then(Slot::new));
        let (Some(slot), false) = (slot, self.known().contains_key(&version)) else { return };
        self.known().insert(version, Stage::UnderWay);
        let outcome = Outcome { known: self.known.clone(), version, off: false };
        let (store, turns) = (self.store.clone(), self.turns.clone());
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(ended) = under_way.try_join_next() {
            if ended.is_err() {
                tracing::error!("taking a code off a lock panicked");
            }
        }
        under_way.spawn(async move {
            // Dropped with the task, even if it is cancelled or panics.
            let mut outcome = outcome;
            let _turn = turns.acquire(lock_id).await;
            match remove(&store, &*turns.driver, version, lock_id, slot).await {
                Ok(taken_off) => {
                    outcome.off = true;
                    if taken_off {
                        tracing::warn!(placement = %version.0, "a code that is over was taken off its lock unrecorded");
                    }
                }
                Err(error) => {
                    tracing::error!(%error, placement = %version.0, "a code that is over is still on its lock");
                }
            }
        });
    }

    /// Called when what was taken off has been recorded.
    pub(super) fn forget(&self) {
        self.known().retain(|_, stage| *stage == Stage::UnderWay);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PlacementVersion, Stage>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is being taken off without a record, at every hub that is driven.
#[derive(Clone, Default)]
pub(super) struct RemovalsByHub(Arc<Mutex<HashMap<HubId, UnrecordedRemovals>>>);

impl RemovalsByHub {
    /// The hub is driven from now on.
    pub(super) fn insert(&self, hub_id: HubId, removals: UnrecordedRemovals) {
        self.hubs().insert(hub_id, removals);
    }

    /// The hub isn't driven any more.
    pub(super) fn remove(&self, hub_id: HubId) {
        self.hubs().remove(&hub_id);
    }

    /// As [`UnrecordedRemovals::take_off`], if the hub is driven.
    pub(super) fn take_off(&self, placement: &PlacementRecord) {
        if let Some(removals) = self.hubs().get(&placement.hub_id) {
            removals.take_off(placement);
        }
    }

    /// As [`UnrecordedRemovals::forget`].
    pub(super) fn forget(&self) {
        self.hubs().values().for_each(UnrecordedRemovals::forget);
    }

    fn hubs(&self) -> MutexGuard<'_, HashMap<HubId, UnrecordedRemovals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the code off if the slot is still its own; after a long wait it may be another's. Returns whether it was.
async fn remove(
    store: &Store,
    driver: &dyn LockDriver,
    version: PlacementVersion,
    lock: LockId,
    slot: Slot,
) -> anyhow::Result<bool> {
    let (id, generation) = version;
    let now = store.read(move |db| placements::get(db, id)).await?;
    let its_own = now.is_some_and(|now| now.generation == generation && now.slot == Some(slot.number()));
    if its_own {
        driver.remove(lock, slot).await?;
    }
    Ok(its_own)
}

/// Notes the outcome when the task ends, however it ends.
struct Outcome {
    known: Arc<Mutex<HashMap<PlacementVersion, Stage>>>,
    version: PlacementVersion,
    off: bool,
}

impl Drop for Outcome {
    fn drop(&mut self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.off {
            known.insert(self.version, Stage::Off);
        } else {
            known.remove(&self.version);
        }
    }
}
