//! Which hubs are driven: those that people add, change and remove are connected to while the program runs, whichever
//! process changed them.

use std::collections::HashMap;
use std::sync::Arc;

use ::hub::{HubAddress, HubLock, LockDriver};
use ids::{HubId, LockId};
use store::Store;
use store::hubs::{self, Connection};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::hub::HubWorker;
use super::pace::{PAUSE_AFTER_ERROR, wait};
use super::supervision::{Health, supervise};
use super::turns::{RemovalsByHub, Turns, UnrecordedRemovals};
use crate::clock::Clock;
use crate::hubs::{HubToConnect, Hubs};

type Links = HashMap<LockId, HubLock>;

/// Starts and stops the workers of hubs.
#[derive(Clone)]
pub(super) struct Registry {
    store: Store,
    hubs: Hubs,
    clock: Clock,
    health: Arc<Health>,
    removals: RemovalsByHub,
}

/// A hub that is connected to.
struct Connected {
    connection: Connection,
    driver: Arc<dyn LockDriver>,
    links: Links,
    workers: Workers,
}

/// The workers of a hub. They stop when this is dropped.
struct Workers {
    tasks: JoinSet<()>,
    hub_id: HubId,
    registry: Registry,
}

impl Workers {
    /// Stops them, and returns once they have stopped.
    async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.tasks.abort_all();
        self.registry.hubs.stopped(self.hub_id);
        self.registry.removals.remove(self.hub_id);
        names(self.hub_id).iter().for_each(|name| self.registry.health.forget(name));
    }
}

/// What is known of the hubs so far.
#[derive(Default)]
struct State {
    changes: Option<i64>,
    connected: HashMap<HubId, Connected>,
    /// The links at hubs whose drivers were given to the program.
    given: HashMap<HubId, Links>,
}

impl Registry {
    pub(super) fn new(store: &Store, hubs: &Hubs, clock: &Clock, health: &Arc<Health>) -> Self {
        Self {
            store: store.clone(),
            hubs: hubs.clone(),
            clock: clock.clone(),
            health: health.clone(),
            removals: RemovalsByHub::default(),
        }
    }

    /// What is being taken off the locks of each hub without a record.
    pub(super) fn removals(&self) -> RemovalsByHub {
        self.removals.clone()
    }

    /// Starts the workers of a hub.
    pub(super) fn start(&self, tasks: &mut JoinSet<()>, hub_id: HubId, version: i64, driver: &Arc<dyn LockDriver>) {
        let turns = Turns::for_driver(driver);
        self.removals.insert(hub_id, UnrecordedRemovals::new(&self.store, &turns));
        let worker = HubWorker::new(&self.store, &self.clock, hub_id, driver.clone(), &turns);
        let try_again: Arc<Notify> = worker.try_again.clone();
        let (drives, hears, asks) = (worker.clone(), worker.clone(), worker);
        let [drives_name, hears_name, asks_name] = names(hub_id);
        supervise(tasks, &self.health, drives_name, move || drives.clone().drive());
        supervise(tasks, &self.health, hears_name, move || hears.clone().listen());
        supervise(tasks, &self.health, asks_name, move || asks.clone().poll_offline());
        self.hubs.started(hub_id, version, driver, try_again);
    }

    /// Keeps the hubs and the links of their locks as they are kept in the records, for ever.
    pub(super) async fn keep(self) {
        let notify = self.store.link_work();
        let mut state = State::default();
        loop {
            match self.follow(&mut state).await {
                Ok(()) => wait(&self.clock, &notify, None).await,
                Err(error) => {
                    tracing::error!(%error, "which hubs there are can't be found out");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    async fn follow(&self, state: &mut State) -> store::Result<()> {
        let known = state.changes;
        let vault = self.store.vault().clone();
        let read = self.store.read(move |db| {
            let changes = hubs::changes(db)?;
            if known == Some(changes) {
                return Ok::<_, store::Error>(None);
            }
            Ok(Some((changes, hubs::connections(db, &vault)?, hubs::links(db)?)))
        });
        let Some((changes, connections, links)) = read.await? else { return Ok(()) };
        let mut by_hub: HashMap<HubId, Links> = HashMap::new();
        for (hub_id, lock_id, name) in links {
            // One that no hub could have given is left out; its deeds are for an unknown lock then.
            if let Some(name) = HubLock::new(name) {
                by_hub.entry(hub_id).or_default().insert(lock_id, name);
            }
        }
        for (hub_id, driver) in self.hubs.drivers() {
            relink(&*driver, state.given.entry(hub_id).or_default(), by_hub.remove(&hub_id).unwrap_or_default());
        }
        let is_there = |id: &HubId| connections.iter().any(|connection| connection.hub_id == *id);
        let gone: Vec<HubId> = state.connected.keys().filter(|id| !is_there(id)).copied().collect();
        for hub_id in gone {
            if let Some(gone) = state.connected.remove(&hub_id) {
                gone.workers.stop().await;
            }
        }
        for connection in connections {
            let links = by_hub.remove(&connection.hub_id).unwrap_or_default();
            match state.connected.get_mut(&connection.hub_id) {
                Some(connected) if connects_alike(&connected.connection, &connection) => {
                    relink(&*connected.driver, &mut connected.links, links);
                    self.hubs.is_of_version(connection.hub_id, connection.version);
                    connected.connection = connection;
                }
                _ => {
                    if let Some(before) = state.connected.remove(&connection.hub_id) {
                        // There is one connection to a hub at a time.
                        before.workers.stop().await;
                    }
                    if let Some(connected) = self.connect(connection, links) {
                        state.connected.insert(connected.connection.hub_id, connected);
                    }
                }
            }
        }
        state.changes = Some(changes);
        Ok(())
    }

    fn connect(&self, connection: Connection, links: Links) -> Option<Connected> {
        let hub_id = connection.hub_id;
        let Ok(address) = HubAddress::parse(&connection.url) else {
            tracing::error!(hub = %hub_id, "the address of a hub can't be used");
            return None;
        };
        let token = match &connection.token {
            None => None,
            Some(Ok(token)) => Some(token.clone()),
            Some(Err(())) => {
                tracing::error!(hub = %hub_id, "the token of a hub can't be opened: give it anew");
                return None;
            }
        };
        let to_connect = HubToConnect {
            hub_id,
            kind: connection.kind(),
            address,
            token,
            links: links.iter().map(|(lock_id, name)| (*lock_id, name.clone())).collect(),
        };
        let driver = self.hubs.connect(to_connect)?;
        let mut tasks = JoinSet::new();
        self.start(&mut tasks, hub_id, connection.version, &driver);
        let workers = Workers { tasks, hub_id, registry: self.clone() };
        Some(Connected { connection, driver, links, workers })
    }
}

fn names(hub_id: HubId) -> [String; 3] {
    ["drives", "hears", "asks again"].map(|does| format!("hub {hub_id}: {does}"))
}

/// Whether the connection that there is does for both.
fn connects_alike(one: &Connection, other: &Connection) -> bool {
    one.kind() == other.kind() && one.url == other.url && one.token == other.token
}

/// Tells a driver of the links that have changed.
fn relink(driver: &dyn LockDriver, before: &mut Links, now: Links) {
    for lock_id in before.keys().filter(|id| !now.contains_key(id)) {
        driver.unlink(*lock_id);
    }
    for (lock_id, name) in &now {
        if before.get(lock_id) != Some(name) {
            driver.link(*lock_id, name.clone());
        }
    }
    *before = now;
}
