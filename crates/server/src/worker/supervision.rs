//! Keeping the workers running, and knowing whether they are.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hub::backoff;
use tokio::task::JoinSet;

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

    /// A worker was stopped because there is nothing for it to do any more.
    pub(super) fn forget(&self, name: &str) {
        if self.workers().remove(name).is_some_and(|worker| !worker.running) {
            self.down.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn workers(&self) -> MutexGuard<'_, BTreeMap<String, Worker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker that runs for this long counts as healthy: its next failure is treated as the first again.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// Runs a worker, and restarts it whenever it ends.
pub(super) fn supervise<F>(
    tasks: &mut JoinSet<()>,
    health: &Arc<Health>,
    name: String,
    work: impl Fn() -> F + Send + 'static,
) where
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
