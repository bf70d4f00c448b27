//! Hubs, and the locks that they have.

use api_types::{FoundLock, Hub, LinkedDoor, LockAbilities, ManagedHub};
use ids::PropertyId;
use store::doors::HubRecord;
use store::locks::{Device, Linked};

use super::time::instant;
use crate::domain::device::device;
use crate::extract::etag;

/// A hub as last heard from, which drives the locks of so many doors.
pub fn describe(record: HubRecord, doors: u32) -> Hub {
    Hub { id: record.id, name: record.name, online: record.online, since: instant(record.since), doors }
}

/// A hub as those see it who set up its property.
pub fn describe_managed(record: store::hubs::ManagedHub) -> ManagedHub {
    ManagedHub {
        id: record.id,
        property_id: record.property_id,
        kind: record.kind().into(),
        name: record.name,
        url: record.url,
        has_token: record.has_token,
        online: record.online,
        since: instant(record.since),
        software: record.software,
        problem: record.problem,
        doors: record.doors,
        former_locks: record.former_locks,
        etag: etag(record.version).to_str().unwrap_or_default().to_owned(),
    }
}

/// One of the locks of a hub of that property, and where it is linked. Of a door of another property nothing is told (R33).
pub fn describe_found(found: &hub::FoundLock, linked: Option<Linked>, property_id: PropertyId) -> FoundLock {
    let abilities = found.capabilities.map(|capabilities| {
        let Device { slots_total, lengths, read_back, schedules, .. } = device(found, capabilities);
        LockAbilities { slots: slots_total, lengths: lengths.into(), read_back: read_back.into(), schedules }
    });
    let linked = linked.filter(|linked| !linked.idle);
    FoundLock {
        hub_lock: found.lock.as_str().to_owned(),
        name: found.name.clone(),
        model: found.model.clone(),
        online: found.online,
        battery_percent: found.battery_percent,
        abilities,
        linked: linked.is_some(),
        door: linked.filter(|linked| linked.property_id == property_id).map(|linked| LinkedDoor {
            id: linked.door_id,
            name: linked.door_name,
            former: linked.former,
        }),
    }
}
