//! The workers: they make the locks agree with what is wanted (R24, R25, R27–R29), and the codes with the time.
//!
//! For each hub, one task drives its locks (`hub`), so that a slow or dead hub slows nobody else down; another listens
//! to the hub's events, and a third polls what is presumed offline (`presence`). One task does what falls due for guest
//! codes, tenancies and daily summaries (`time`), one sends mail (`mail`), and one tells the consoles that are open what
//! happens (`crate::live`). Each is supervised: one that ends or panics is counted, reported by readiness, and
//! restarted.
//!
//! The store notifies them of every commit that makes work ([`Store::hub_work`]). They also check for work every
//! `HEARTBEAT`, so that nothing waits for a notification that never comes.

mod check;
mod hub;
mod mail;
mod pace;
mod presence;
mod settler;
mod summaries;
mod time;
mod turns;
mod unreachable;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::hub::backoff;
use api_types::Language;
use store::Store;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::denials::{self, Denials};
use crate::hubs::Hubs;
use crate::live::feed;
use crate::live::journal::Journal;
use crate::mail::post::Post;
use crate::mail::smtp::Sender;
use hub::HubWorker;
use mail::Mailer;
pub use settler::Settler;
use time::Timekeeper;
use turns::{Turns, UnrecordedRemovals};

/// Starts the workers. They stop when the set is dropped.
pub(crate) fn start(
    store: &Store,
    hubs: &Hubs,
    clock: &Clock,
    health: &Arc<Health>,
    denials: &Arc<Denials>,
    journal: &Arc<Journal>,
    sender: Option<&Sender>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let mut locks = Vec::new();
    for (hub_id, driver) in hubs.drivers() {
        let turns = Turns::for_driver(&driver);
        locks.push((hub_id, UnrecordedRemovals::new(store, &turns)));
        let worker = HubWorker::new(store, clock, hub_id, driver, &turns);
        let (drives, hears, asks) = (worker.clone(), worker.clone(), worker);
        supervise(&mut tasks, health, format!("hub {hub_id}: drives"), move || drives.clone().drive());
        supervise(&mut tasks, health, format!("hub {hub_id}: hears"), move || hears.clone().listen());
        supervise(&mut tasks, health, format!("hub {hub_id}: asks again"), move || asks.clone().poll_offline());
    }
    // Whom it is written to has chosen a language, or gets the console's first.
    let post = Post::new(sender.is_some(), Language::English);
    let timekeeper = Timekeeper::new(store, clock, locks, post);
    supervise(&mut tasks, health, "keeps time".into(), move || timekeeper.clone().keep_time());
    if let Some(sender) = sender {
        let mailer = Mailer::new(store, clock, sender);
        supervise(&mut tasks, health, "sends mail".into(), move || mailer.clone().send());
    }
    let (followed, journal) = (store.clone(), journal.clone());
    supervise(&mut tasks, health, "tells what happens".into(), move || {
        feed::keep_up(followed.clone(), journal.clone())
    });
    let (denials, store, clock) = (denials.clone(), store.clone(), clock.clone());
    let keep = move || denials::keep_recording(denials.clone(), store.clone(), clock.clone());
    supervise(&mut tasks, health, "records who was turned away".into(), keep);
    tasks
}

/// The health of the workers.
#[derive(Default)]
pub struct Health {
    workers: Mutex<BTreeMap<String, Worker>>,
    /// How many of them aren't running.
    down: AtomicUsize,
}

/// The health of one worker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worker {
    /// Whether it is running now.
    pub running: bool,
    /// How often it had to be restarted.
    pub restarts: u64,
}

impl Health {
    /// Whether every worker that was started is running. It costs the same however many there are.
    pub fn all_running(&self) -> bool {
        self.down.load(Ordering::Relaxed) == 0
    }

    /// How often workers had to be restarted.
    pub fn restarts(&self) -> u64 {
        self.workers().values().map(|worker| worker.restarts).sum()
    }

    /// Each worker by its name.
    pub fn each(&self) -> Vec<(String, Worker)> {
        self.workers().iter().map(|(name, worker)| (name.clone(), *worker)).collect()
    }

    fn started(&self, name: &str) {
        match self.workers().entry(name.to_owned()) {
            Entry::Vacant(new) => {
                new.insert(Worker { running: true, restarts: 0 });
            }
            Entry::Occupied(mut again) => {
                again.get_mut().running = true;
                self.down.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    fn ended(&self, name: &str) {
        if let Some(worker) = self.workers().get_mut(name) {
            *worker = Worker { running: false, restarts: worker.restarts + 1 };
            self.down.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn workers(&self) -> MutexGuard<'_, BTreeMap<String, Worker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker that runs for this long counts as healthy: its next failure is treated as the first again.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// Runs a worker, and restarts it whenever it ends.
fn supervise<F>(tasks: &mut JoinSet<()>, health: &Arc<Health>, name: String, work: impl Fn() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let health = health.clone();
    tasks.spawn(async move {
        let mut failures = 0;
        loop {
            health.started(&name);
            let began = tokio::time::Instant::now();
            // In its own set, so that it ends when this task does.
            let mut single_instance = JoinSet::new();
            single_instance.spawn(work());
            let ended = single_instance.join_next().await;
            failures = if began.elapsed() > HEALTHY_AFTER { 1 } else { failures + 1 };
            health.ended(&name);
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
