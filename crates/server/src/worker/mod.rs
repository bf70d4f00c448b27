//! Makes the locks agree with what is wanted (R24, R25, R27–R29), and the codes with the time.
//!
//! For each hub a task drives its locks (`hub`), so that a slow or dead hub slows nobody else; another hears what the
//! hub tells, and one asks again what is thought offline (`presence`). One task keeps the time of guest codes and
//! tenancies (`time`). Each is watched: one that ends or panics is counted, said by readiness, and started again.
//!
//! The store tells of every commit that makes work ([`Store::hub_work`]). Besides, each looks by itself every
//! `HEARTBEAT`, so that nothing waits for a telling that never came.

mod aside;
mod check;
mod hub;
mod pace;
mod presence;
mod settler;
mod time;
mod turns;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::hub::backoff;
use store::Store;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::hubs::Hubs;
use crate::probing::{self, Probing};

use hub::HubWorker;
pub use settler::Settler;
use time::Timekeeper;
use turns::{Turns, Unrecorded};

/// Starts the workers. They end when the set is dropped.
pub(crate) fn start(
    store: &Store,
    hubs: &Hubs,
    clock: &Clock,
    health: &Arc<Health>,
    probing: &Arc<Probing>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let mut locks = Vec::new();
    for (hub_id, driver) in hubs.drivers() {
        let turns = Turns::at_the_locks_of(&driver);
        locks.push((hub_id, Unrecorded::new(store, &turns)));
        let worker = HubWorker::new(store, clock, hub_id, driver, &turns);
        let (drives, hears, asks) = (worker.clone(), worker.clone(), worker);
        watch(&mut tasks, health, format!("hub {hub_id}: drives"), move || drives.clone().drive());
        watch(&mut tasks, health, format!("hub {hub_id}: hears"), move || hears.clone().listen());
        watch(&mut tasks, health, format!("hub {hub_id}: asks again"), move || asks.clone().ask_again());
    }
    let timekeeper = Timekeeper::new(store, clock, locks);
    watch(&mut tasks, health, "keeps time".into(), move || timekeeper.clone().keep_time());
    let (probing, store, clock) = (probing.clone(), store.clone(), clock.clone());
    let keep = move || probing::keep(probing.clone(), store.clone(), clock.clone());
    watch(&mut tasks, health, "records who was turned away".into(), keep);
    tasks
}

/// How the workers are.
#[derive(Default)]
pub struct Health(Mutex<BTreeMap<String, Worker>>);

#[derive(Clone, Copy, Default)]
struct Worker {
    running: bool,
    restarts: u64,
}

impl Health {
    /// Every worker that was started is at work.
    pub fn all_running(&self) -> bool {
        self.workers().values().all(|worker| worker.running)
    }

    /// How often workers had to be started again.
    pub fn restarts(&self) -> u64 {
        self.workers().values().map(|worker| worker.restarts).sum()
    }

    fn note(&self, name: &str, change: impl FnOnce(&mut Worker)) {
        change(self.workers().entry(name.to_owned()).or_default());
    }

    fn workers(&self) -> MutexGuard<'_, BTreeMap<String, Worker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker that lives for so long was well: its next failure is the first again.
const WELL_AFTER: Duration = Duration::from_secs(60);

/// Runs a worker, and again whenever it ends.
fn watch<F>(tasks: &mut JoinSet<()>, health: &Arc<Health>, name: String, work: impl Fn() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let health = health.clone();
    tasks.spawn(async move {
        let mut failures = 0;
        loop {
            health.note(&name, |worker| worker.running = true);
            let began = tokio::time::Instant::now();
            // In a set of its own, so that it ends when this does.
            let mut alone = JoinSet::new();
            alone.spawn(work());
            let ended = alone.join_next().await;
            failures = if began.elapsed() > WELL_AFTER { 1 } else { failures + 1 };
            health.note(&name, |worker| {
                worker.running = false;
                worker.restarts += 1;
            });
            metrics::counter!("latchkey_worker_restarts_total").increment(1);
            match ended {
                Some(Err(error)) if error.is_panic() => tracing::error!(worker = name, "a worker panicked"),
                _ => tracing::error!(worker = name, "a worker ended"),
            }
            let random = getrandom::u64().unwrap_or(u64::MAX);
            tokio::time::sleep(backoff::delay(failures, random)).await;
        }
    });
}
