//! The hubs that this server drives.
//!
//! Every hub is simulated as yet: a driver for Z-Wave JS is the next to come, behind the same trait.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hub::{HubId, LockDriver, LockId, LockSettings, Simulator, Slot};
use store::{Store, codes, doors, placements};
use uuid::Uuid;

/// The drivers by hub.
#[derive(Clone, Default)]
pub struct Hubs {
    simulators: HashMap<Uuid, Arc<Simulator>>,
}

impl Hubs {
    /// A simulated hub for each hub of the database, whose locks hold what the database knows to be on them: a real
    /// lock keeps its codes while the server is down.
    ///
    /// `latency` is how long each deed at a lock takes.
    ///
    /// # Errors
    /// [`store::Error`], also when a code that a lock holds doesn't open.
    pub async fn simulated(store: &Store, latency: Duration) -> store::Result<Self> {
        let mut db = store.read().await?;
        let mut simulators: HashMap<Uuid, Arc<Simulator>> = HashMap::new();
        let locks = doors::all_locks(&mut db).await?;
        for lock in &locks {
            let simulator =
                simulators.entry(lock.hub_id).or_insert_with(|| Arc::new(Simulator::new(HubId(lock.hub_id))));
            let settings = LockSettings {
                slots: lock.slots_total,
                latency,
                battery_percent: lock.battery_percent.unwrap_or(100),
                ..LockSettings::default()
            };
            simulator.add_lock(LockId(lock.id), settings);
        }
        for placement in placements::with_slots(&mut db).await? {
            let (Some(simulator), Some(slot)) = (simulators.get(&placement.hub_id), placement.slot.and_then(Slot::new))
            else {
                continue;
            };
            if let Some(record) = codes::get(&mut db, placement.code_id).await? {
                let code = codes::open(store, &mut db, &record).await?;
                simulator.restore(LockId(placement.lock_id), slot, code);
            }
        }
        for lock in locks {
            let simulator = &simulators[&lock.hub_id];
            simulator.set_lock_online(LockId(lock.id), lock.online);
            simulator.set_hub_online(lock.hub_online);
        }
        Ok(Self { simulators })
    }

    /// Each hub's id and driver.
    pub fn drivers(&self) -> impl Iterator<Item = (Uuid, Arc<dyn LockDriver>)> {
        self.simulators.iter().map(|(id, simulator)| (*id, simulator.clone() as Arc<dyn LockDriver>))
    }

    /// The simulated hub, for tests and for the demonstration's controls.
    pub fn simulator(&self, hub_id: Uuid) -> Option<&Arc<Simulator>> {
        self.simulators.get(&hub_id)
    }
}
