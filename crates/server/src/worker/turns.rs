//! One deed at a time at each lock, whoever has something to do there (what drives it, what asks how it is, what takes
//! codes off that are over), and taking codes off though that can't be recorded yet (R31).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hub::{LockDriver, LockId, Slot};
use store::Store;
use store::placements::{self, PlacementRecord};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Whose turn it is at which lock of a hub.
#[derive(Clone)]
pub(super) struct Turns {
    driver: Arc<dyn LockDriver>,
    locks: Arc<Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>>,
    /// As many as the hub's radio takes at a time.
    radio: Arc<OnceLock<Arc<Semaphore>>>,
}

/// One's turn. It is over when this is dropped.
pub(super) struct Turn {
    _at_the_hub: Option<OwnedSemaphorePermit>,
    _at_the_lock: OwnedMutexGuard<()>,
}

impl Turns {
    pub(super) fn at_the_locks_of(driver: &Arc<dyn LockDriver>) -> Self {
        Self { driver: driver.clone(), locks: Arc::default(), radio: Arc::default() }
    }

    /// Waits for one's turn at a lock, in the order of those who wait.
    pub(super) async fn at(&self, lock_id: Uuid) -> Turn {
        let at_the_lock = self.lock(lock_id).lock_owned().await;
        self.turn(at_the_lock).await
    }

    /// One's turn at a lock, if nobody is there or waits.
    pub(super) async fn at_once(&self, lock_id: Uuid) -> Option<Turn> {
        let at_the_lock = self.lock(lock_id).try_lock_owned().ok()?;
        Some(self.turn(at_the_lock).await)
    }

    async fn turn(&self, at_the_lock: OwnedMutexGuard<()>) -> Turn {
        let radio = self.radio.get_or_init(|| Arc::new(Semaphore::new(self.driver.locks_at_once().max(1)))).clone();
        // An error would mean that it was closed, which nobody does.
        let at_the_hub = radio.acquire_owned().await.ok();
        Turn { _at_the_hub: at_the_hub, _at_the_lock: at_the_lock }
    }

    fn lock(&self, lock_id: Uuid) -> Arc<tokio::sync::Mutex<()>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).entry(lock_id).or_default().clone()
    }
}

/// A placement, and which of its wishes is meant.
type This = (Uuid, i64);

/// Codes that are to go and were taken off their locks, or are being, though that can't be recorded yet.
///
/// Nobody waits for it: a lock that is slow to answer, or doesn't, keeps no other code where it is, and nothing else.
#[derive(Clone)]
pub(super) struct Unrecorded {
    store: Store,
    turns: Turns,
    known: Arc<Mutex<HashMap<This, Stage>>>,
    under_way: Arc<Mutex<JoinSet<()>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    UnderWay,
    Off,
}

impl Unrecorded {
    pub(super) fn new(store: &Store, turns: &Turns) -> Self {
        Self { store: store.clone(), turns: turns.clone(), known: Arc::default(), under_way: Arc::default() }
    }

    /// Begins to take a code off its lock, unless it is off or that is under way. What fails is to be asked for again.
    pub(super) fn take_off(&self, placement: &PlacementRecord) {
        let this = (placement.id, placement.generation);
        let (lock_id, slot) = (placement.lock_id, placement.slot.and_then(Slot::new));
        let (Some(slot), false) = (slot, self.known().contains_key(&this)) else { return };
        self.known().insert(this, Stage::UnderWay);
        let mark = Mark { known: self.known.clone(), this, off: false };
        let (store, turns) = (self.store.clone(), self.turns.clone());
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(ended) = under_way.try_join_next() {
            if ended.is_err() {
                tracing::error!("taking a code off a lock panicked");
            }
        }
        under_way.spawn(async move {
            // Dropped with this, also when it is given up or panics.
            let mut mark = mark;
            let _turn = turns.at(lock_id).await;
            match remove(&store, &*turns.driver, this, LockId(lock_id), slot).await {
                Ok(taken_off) => {
                    mark.off = true;
                    if taken_off {
                        tracing::warn!(placement = %this.0, "a code that is over was taken off its lock unrecorded");
                    }
                }
                Err(error) => {
                    tracing::error!(%error, placement = %this.0, "a code that is over is still on its lock");
                }
            }
        });
    }

    /// What was taken off is on record now.
    pub(super) fn forget(&self) {
        self.known().retain(|_, stage| *stage == Stage::UnderWay);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<This, Stage>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes it off if the slot is still its own: after a long wait it may be another's. Answers whether it was.
async fn remove(store: &Store, driver: &dyn LockDriver, this: This, lock: LockId, slot: Slot) -> anyhow::Result<bool> {
    let (id, generation) = this;
    let now = store.read(move |db| placements::get(db, id)).await?;
    let its_own = now.is_some_and(|now| now.generation == generation && now.slot == Some(slot.number()));
    if its_own {
        driver.remove(lock, slot).await?;
    }
    Ok(its_own)
}

/// Says what came of it when it ends, however it does.
struct Mark {
    known: Arc<Mutex<HashMap<This, Stage>>>,
    this: This,
    off: bool,
}

impl Drop for Mark {
    fn drop(&mut self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.off {
            known.insert(self.this, Stage::Off);
        } else {
            known.remove(&self.this);
        }
    }
}
