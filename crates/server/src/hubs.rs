//! The hubs that this server drives.
//!
//! A demonstration's are simulated, and there from the start. Those that people add are connected to while the program runs
//! (`worker::registry`), by what the program gives ([`Hubs::connecting`]).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access_code::Code;
use api_types::HubKind;
use hub::{HubAddress, HubLock, LockDriver, LockSettings, Simulator, Slot};
use ids::{HubId, LockId};
use store::placements::PlacementRecord;
use store::{Db, Store, Vault, codes, doors, placements};
use tokio::sync::{Notify, watch};
use zeroize::Zeroizing;

/// The drivers by hub.
#[derive(Clone)]
pub struct Hubs {
    simulators: HashMap<HubId, Arc<Simulator>>,
    /// Drivers in place of a simulator, or in addition.
    drivers: HashMap<HubId, Arc<dyn LockDriver>>,
    connect: Option<Arc<Connect>>,
    /// Those that are driven now.
    running: Arc<watch::Sender<HashMap<HubId, Running>>>,
}

/// Makes the driver of a hub, which connects on its own and at once returns; `None` for a hub of a kind that isn't driven.
pub type Connect = dyn Fn(HubToConnect) -> Option<Arc<dyn LockDriver>> + Send + Sync;

/// What a driver is made from. No `Debug`: it may hold a token.
pub struct HubToConnect {
    /// The hub.
    pub hub_id: HubId,
    /// What it is.
    pub kind: HubKind,
    /// Where its server listens.
    pub address: HubAddress,
    /// What it wants to see.
    pub token: Option<Zeroizing<String>>,
    /// The locks that are linked, as [`LockDriver::link`] would tell.
    pub links: Vec<(LockId, HubLock)>,
}

#[derive(Clone)]
struct Running {
    version: i64,
    driver: Arc<dyn LockDriver>,
    try_again: Arc<Notify>,
}

impl Default for Hubs {
    fn default() -> Self {
        Self {
            simulators: HashMap::new(),
            drivers: HashMap::new(),
            connect: None,
            running: Arc::new(watch::Sender::new(HashMap::new())),
        }
    }
}

impl Hubs {
    /// A simulated hub for each hub of the database, whose locks hold what the database says is on them: a real lock
    /// keeps its codes while the server is down. A code that can't be read isn't restored, without affecting anything
    /// else.
    ///
    /// `latency` is how long each deed at a lock takes.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn simulated(store: &Store, latency: Duration) -> store::Result<Self> {
        let vault = store.vault().clone();
        let (locks, held) = store
            .read(move |db| {
                let simulated = doors::simulated_hubs(db)?;
                let mut locks = doors::all_locks(db)?;
                locks.retain(|lock| simulated.contains(&lock.hub_id));
                Ok::<_, store::Error>((locks, held(db, &vault)?))
            })
            .await?;
        let mut simulators: HashMap<HubId, Arc<Simulator>> = HashMap::new();
        for lock in &locks {
            let simulator = simulators.entry(lock.hub_id).or_insert_with(|| Arc::new(Simulator::new(lock.hub_id)));
            let settings = LockSettings {
                slots: lock.slots_total,
                latency,
                battery_percent: lock.battery_percent.unwrap_or(100),
                ..LockSettings::default()
            };
            match &lock.hub_lock {
                Some(name) if *name != lock.id.to_string() => {
                    let Some(name) = HubLock::new(name) else { continue };
                    simulator.pair(name.clone(), settings);
                    simulator.link(lock.id, name);
                }
                _ => simulator.add_lock(lock.id, settings),
            }
        }
        for (placement, slot, code) in held {
            if let Some(simulator) = simulators.get(&placement.hub_id) {
                simulator.restore(placement.lock_id, slot, code);
            }
        }
        for lock in locks {
            let simulator = &simulators[&lock.hub_id];
            simulator.set_lock_online(lock.id, lock.online);
            simulator.set_hub_online(lock.hub_online);
        }
        Ok(Self { simulators, ..Self::default() })
    }

    /// The same, connecting to the hubs that people add.
    #[must_use]
    pub fn connecting(
        mut self,
        connect: impl Fn(HubToConnect) -> Option<Arc<dyn LockDriver>> + Send + Sync + 'static,
    ) -> Self {
        self.connect = Some(Arc::new(connect));
        self
    }

    /// The same, with a different driver for a hub.
    #[must_use]
    pub fn with_driver(mut self, hub_id: HubId, driver: Arc<dyn LockDriver>) -> Self {
        self.drivers.insert(hub_id, driver);
        self
    }

    /// The driver of a hub as of that version or a later one, for which this waits so long; `None` for a hub that isn't
    /// driven.
    pub async fn driver(&self, hub_id: HubId, version: i64, patience: Duration) -> Option<Arc<dyn LockDriver>> {
        if let Some((_, driver)) = self.drivers().find(|(id, _)| *id == hub_id) {
            return Some(driver);
        }
        self.connect.as_ref()?;
        let current = |running: &HashMap<HubId, Running>| {
            running.get(&hub_id).filter(|running| running.version >= version).map(|running| running.driver.clone())
        };
        let mut running = self.running.subscribe();
        let started = tokio::time::timeout(patience, running.wait_for(|running| current(running).is_some())).await;
        started.ok()?.ok().and_then(|running| current(&running))
    }

    /// Tries again at once whatever doesn't answer at these hubs.
    pub fn try_again(&self, hub_ids: &[HubId]) {
        let running = self.running.borrow();
        hub_ids.iter().filter_map(|id| running.get(id)).for_each(|running| running.try_again.notify_one());
    }

    pub(crate) fn connect(&self, hub: HubToConnect) -> Option<Arc<dyn LockDriver>> {
        self.connect.as_ref()?(hub)
    }

    pub(crate) fn started(&self, hub_id: HubId, version: i64, driver: &Arc<dyn LockDriver>, try_again: Arc<Notify>) {
        let started = Running { version, driver: driver.clone(), try_again };
        self.running.send_modify(|running| drop(running.insert(hub_id, started)));
    }

    pub(crate) fn is_of_version(&self, hub_id: HubId, version: i64) {
        self.running.send_modify(|running| {
            if let Some(running) = running.get_mut(&hub_id) {
                running.version = version;
            }
        });
    }

    pub(crate) fn stopped(&self, hub_id: HubId) {
        self.running.send_modify(|running| drop(running.remove(&hub_id)));
    }

    /// Each hub's id and driver, of those that were given to the program.
    pub fn drivers(&self) -> impl Iterator<Item = (HubId, Arc<dyn LockDriver>)> {
        let simulated = self.simulators.iter().filter(|(id, _)| !self.drivers.contains_key(id));
        let simulated = simulated.map(|(id, simulator)| (*id, simulator.clone() as Arc<dyn LockDriver>));
        simulated.chain(self.drivers.iter().map(|(id, driver)| (*id, driver.clone())))
    }

    /// The simulated hub, for tests and for the demonstration's controls.
    pub fn simulator(&self, hub_id: HubId) -> Option<&Arc<Simulator>> {
        self.simulators.get(&hub_id)
    }
}

/// What the locks hold, as far as it can be read.
fn held(db: &Db, vault: &Vault) -> store::Result<Vec<(PlacementRecord, Slot, Code)>> {
    let mut held = Vec::new();
    for placement in placements::with_slots(db)? {
        let Some(slot) = placement.slot.and_then(Slot::new) else { continue };
        let code = codes::get(db, placement.code_id)
            .and_then(|code| code.map(|code| codes::open(vault, db, &code)).transpose());
        match code {
            Ok(Some(code)) => held.push((placement, slot, code)),
            Ok(None) => {}
            Err(error) if error.is_single_record() => {
                tracing::error!(%error, code = %placement.code_id, "a code that a lock holds can't be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(held)
}
