//! The locks of a door, with what is on them.

use api_types::{BatteryReading, DoorLock, LockAbilities, LockSlot, PlacementStatus};
use store::codes::{self, Holder};
use store::locks;
use store::placements::{self, PlacementRecord};
use store::{Db, Millis};

use super::placement;
use super::time::instant;

/// How many changes of a battery are shown.
const BATTERY_READINGS: u32 = 60;

/// Who looks at a lock.
#[derive(Clone, Copy, Debug)]
pub struct Onlooker {
    /// Whether they may see whose codes there are.
    pub sees_holders: bool,
    /// Whether they see the slot's technical details (R26).
    pub is_support: bool,
}

/// A lock with its battery and what is on it.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, lock: &locks::DoorLock, onlooker: Onlooker) -> store::Result<DoorLock> {
    let (slots, waiting) = on_lock(db, lock, onlooker)?;
    let abilities = match (&lock.lengths, &lock.read_back, lock.schedules) {
        (Some(lengths), Some(read_back), Some(schedules)) => Some(LockAbilities {
            slots: lock.slots_total,
            lengths: lengths.clone(),
            read_back: read_back.clone(),
            schedules,
        }),
        _ => None,
    };
    let battery = locks::battery_readings(db, lock.id, BATTERY_READINGS)?;
    Ok(DoorLock {
        id: lock.id,
        hub_id: lock.hub_id,
        hub_name: lock.hub_name.clone(),
        hub_lock: lock.hub_lock.clone(),
        model: lock.model.clone(),
        online: lock.online && lock.hub_online,
        hub_online: lock.hub_online,
        since: instant(since(lock)),
        battery_percent: lock.battery_percent,
        battery: battery
            .into_iter()
            .map(|reading| BatteryReading { at: instant(reading.at), percent: reading.percent })
            .collect(),
        slots_total: lock.slots_total,
        abilities,
        former_since: lock.former_since.map(instant),
        slots,
        waiting,
        unknown_codes: Vec::new(),
    })
}

/// Since when it is online or offline. Behind an offline hub nothing is known about the lock, so the hub's time counts.
fn since(lock: &locks::DoorLock) -> Millis {
    if lock.hub_online { lock.since } else { lock.hub_since }
}

/// The codes that have a slot of a lock, and those that have none yet.
///
/// # Errors
/// [`store::Error`].
pub fn on_lock(db: &Db, lock: &locks::DoorLock, onlooker: Onlooker) -> store::Result<(Vec<LockSlot>, Vec<LockSlot>)> {
    let mut all = Vec::new();
    for record in placements::of_lock(db, lock.id)? {
        let holder = codes::holder(db, record.code_id)?;
        all.push(slot(&record, holder, onlooker));
    }
    Ok(all.into_iter().partition(|slot| slot.slot.is_some()))
}

fn slot(record: &PlacementRecord, holder: Option<Holder>, onlooker: Onlooker) -> LockSlot {
    let shown = placement::describe(record, onlooker.is_support);
    let guest = holder.as_ref().is_some_and(|holder| holder.guest);
    let holder = holder.filter(|_| onlooker.sees_holders);
    LockSlot {
        slot: record.slot,
        code_id: holder.is_some().then_some(record.code_id),
        resident_id: holder.as_ref().filter(|holder| !holder.guest).and_then(|holder| holder.tenancy_id),
        holder: holder.map(|holder| holder.name),
        guest,
        state: shown.status,
        confirmed_at: (shown.status == PlacementStatus::Working).then(|| shown.since.clone()),
        since: shown.since,
        evidence: shown.evidence,
        reason: shown.reason,
        next_step: shown.next_step,
        attempts: shown.attempts,
        protocol_error: shown.protocol_error,
    }
}
