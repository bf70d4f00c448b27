//! The hubs that this server drives.
//!
//! All hubs are simulated so far; a driver for Z-Wave JS comes next, behind the same trait.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access_code::Code;
use hub::{LockDriver, LockSettings, Simulator, Slot};
use ids::HubId;
use store::placements::PlacementRecord;
use store::{Db, Store, Vault, codes, doors, placements};

/// The drivers by hub.
#[derive(Clone, Default)]
pub struct Hubs {
    simulators: HashMap<HubId, Arc<Simulator>>,
    /// Drivers in place of a simulator, or in addition.
    drivers: HashMap<HubId, Arc<dyn LockDriver>>,
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
            simulator.add_lock(lock.id, settings);
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
        Ok(Self { simulators, drivers: HashMap::new() })
    }

    /// The same, with a different driver for a hub.
    #[must_use]
    pub fn with_driver(mut self, hub_id: HubId, driver: Arc<dyn LockDriver>) -> Self {
        self.drivers.insert(hub_id, driver);
        self
    }

    /// Each hub's id and driver.
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
