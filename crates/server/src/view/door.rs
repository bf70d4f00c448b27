//! Doors.

use api_types::{Door, DoorState, Lock};
use store::Millis;
use store::doors::DoorRecord;

use super::time::instant;

/// A door without its lock, as residents see it.
pub fn describe(record: &DoorRecord) -> Door {
    Door {
        id: record.id,
        name: record.name.clone(),
        kind: record.kind(),
        unit: record.unit.clone(),
        offline_since: (!is_online(record)).then(|| instant(since(record))),
        retired: record.retired_at.is_some(),
        lock: None,
    }
}

fn is_online(record: &DoorRecord) -> bool {
    record.lock_online && record.hub_online
}

/// Since when it is online or offline. Behind an offline hub nothing is known about the lock, so the hub's time counts.
fn since(record: &DoorRecord) -> Millis {
    if record.hub_online { record.lock_since } else { record.hub_since }
}

/// Whether a door works: the one definition behind every list and count.
pub(super) fn state(reachable: bool, unsettled: bool) -> DoorState {
    match (reachable, unsettled) {
        (false, _) => DoorState::Offline,
        (true, true) => DoorState::Unsettled,
        (true, false) => DoorState::Working,
    }
}

/// A door with its lock, as managers see it.
pub fn describe_with_lock(record: &DoorRecord) -> Door {
    let lock = Lock {
        id: record.lock_id,
        hub_id: record.hub_id,
        hub_name: record.hub_name.clone(),
        online: is_online(record),
        since: instant(since(record)),
        battery_percent: record.battery_percent,
        slots_used: record.slots_used,
        slots_total: record.slots_total,
        unknown_codes: record.unknown_codes,
        state: state(record.hub_online && record.lock_online, record.unsettled),
        linked: record.linked,
    };
    Door { lock: Some(lock), ..describe(record) }
}
