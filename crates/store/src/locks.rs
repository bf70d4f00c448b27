//! Locks of doors: linking them to the devices that a hub has, exchanging and letting them go (R35).
//!
//! A door always has one current lock, if only one that stands for a missing one (`doors::unlinked_hub`), and besides it the
//! former ones that may still hold codes of ours (R24). A former lock stays linked to its device until all of them are off.

use api_types::{CodeLengths, MaybeKnown, ReadBack};
use ids::{DoorId, HubId, LockId, PropertyId};
use rusqlite::params;

use crate::hubs::count_change;
use crate::{Db, Millis, Result, Tx, sql};

/// What a hub says of one of its locks.
#[derive(Clone, Debug)]
pub struct Device<'a> {
    /// What names it at the hub.
    pub hub_lock: &'a str,
    /// Its maker and model.
    pub model: Option<&'a str>,
    /// Whether the hub can reach it.
    pub online: bool,
    /// What is left of its battery.
    pub battery_percent: Option<u8>,
    /// Slots that it has.
    pub slots_total: u16,
    /// The code lengths that it takes.
    pub lengths: CodeLengths,
    /// How much it reveals of what its slots hold.
    pub read_back: ReadBack,
    /// Whether it can enforce a code's times by itself.
    pub schedules: bool,
}

/// A lock of a door, current or former.
#[derive(Clone, Debug)]
pub struct DoorLock {
    /// The lock's id.
    pub id: LockId,
    /// Its hub.
    pub hub_id: HubId,
    /// Its hub's name.
    pub hub_name: String,
    /// What names the device at the hub.
    pub hub_lock: Option<String>,
    /// Its maker and model.
    pub model: Option<String>,
    /// Whether it answered its hub when last heard from.
    pub online: bool,
    /// Since when that has been so.
    pub since: Millis,
    /// Whether the hub answered.
    pub hub_online: bool,
    /// Since when that has been so.
    pub hub_since: Millis,
    /// As last reported.
    pub battery_percent: Option<u8>,
    /// Slots the lock has.
    pub slots_total: u16,
    /// The code lengths that it takes, if the hub told.
    pub lengths: Option<MaybeKnown<CodeLengths>>,
    /// How much it reveals, if the hub told.
    pub read_back: Option<MaybeKnown<ReadBack>>,
    /// Whether it can enforce a code's times by itself, if the hub told.
    pub schedules: Option<bool>,
    /// Since when the door has another lock, or none.
    pub former_since: Option<Millis>,
    /// Whether a device is linked, or it only stands for one (R35).
    pub linked: bool,
}

sql::from_row!(DoorLock {
    id,
    hub_id,
    hub_name,
    hub_lock,
    model,
    online,
    since as Moment,
    hub_online,
    hub_since as Moment,
    battery_percent,
    slots_total,
    lengths as NamedIfKnown,
    read_back as NamedIfKnown,
    schedules,
    former_since as Moment,
    linked,
});

/// A door's locks: the current one first, then former ones that may still hold codes, newest first.
pub fn of_door(db: &Db, door_id: DoorId) -> Result<Vec<DoorLock>> {
    sql::all(
        db,
        "SELECT lock.id, lock.hub_id, hub.name AS hub_name, lock.hub_lock, lock.model, lock.online, lock.since, \
         hub.online AS hub_online, hub.since AS hub_since, lock.battery_percent, lock.slots_total, lock.lengths, \
         lock.read_back, lock.schedules, lock.former_since, hub.kind <> 'none' AS linked \
         FROM lock JOIN hub ON hub.id = lock.hub_id \
         WHERE lock.door_id = ? AND (lock.former_since IS NULL OR lock.hub_lock IS NOT NULL) \
         ORDER BY lock.former_since IS NOT NULL, lock.former_since DESC, lock.id",
        [door_id],
    )
}

/// Where a device is linked.
#[derive(Clone, Debug)]
pub struct Linked {
    /// What names it at its hub.
    pub hub_lock: String,
    /// The lock's id.
    pub lock_id: LockId,
    /// The door.
    pub door_id: DoorId,
    /// The door's name.
    pub door_name: String,
    /// The property.
    pub property_id: PropertyId,
    /// Whether the door has another lock since, and codes are being taken off this one.
    pub former: bool,
    /// Whether the door is retired and nothing of ours is on the lock, so that it may be linked elsewhere.
    pub idle: bool,
}

sql::from_row!(Linked { hub_lock, lock_id, door_id, door_name, property_id, former, idle });

/// Where the device of that name is linked, at whatever property.
pub fn of_device(db: &Db, hub_lock: &str) -> Result<Option<Linked>> {
    sql::optional(
        db,
        "SELECT lock.hub_lock, lock.id AS lock_id, door.id AS door_id, door.name AS door_name, lock.property_id, \
         lock.former_since IS NOT NULL AS former, door.retired_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM placement \
         WHERE placement.lock_id = lock.id AND placement.state <> 'removed') AS idle \
         FROM lock JOIN door ON door.id = lock.door_id WHERE lock.hub_lock = ?",
        [hub_lock],
    )
}

/// Links a lock that only stands for a missing one to a device: the lock stays, with the codes that wait for it.
pub fn link_in_place(tx: &Tx, lock_id: LockId, hub_id: HubId, device: &Device<'_>, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE lock SET hub_id = ?1, hub_lock = ?2, online = ?3, since = ?4, battery_percent = ?5 WHERE id = ?6",
        params![hub_id, device.hub_lock, device.online, now, device.battery_percent, lock_id],
    )?;
    begin_readings(tx, lock_id, device.battery_percent, now)?;
    describe(tx, lock_id, device)?;
    bump_door(tx, lock_id)?;
    count_change(tx)
}

/// Gives a door another lock: a device, or one that stands for a missing one. The one before is a former one from now on.
/// Returns the new lock's id.
pub fn replace(
    tx: &Tx,
    door_id: DoorId,
    hub_id: HubId,
    device: Option<&Device<'_>>,
    slots_until_linked: u16,
    now: Millis,
) -> Result<LockId> {
    let id = LockId::generate();
    sql::execute(
        tx,
        "UPDATE lock SET former_since = ? WHERE door_id = ? AND former_since IS NULL",
        params![now, door_id],
    )?;
    sql::execute(
        tx,
        "INSERT INTO lock (id, door_id, property_id, hub_id, hub_lock, online, since, battery_percent, slots_total) \
         SELECT ?1, id, property_id, ?2, ?3, ?4, ?5, ?6, ?7 FROM door WHERE id = ?8",
        params![
            id,
            hub_id,
            device.map(|device| device.hub_lock),
            device.is_some_and(|device| device.online),
            now,
            device.and_then(|device| device.battery_percent),
            slots_until_linked,
            door_id
        ],
    )?;
    if let Some(device) = device {
        begin_readings(tx, id, device.battery_percent, now)?;
        describe(tx, id, device)?;
    }
    bump_door(tx, id)?;
    count_change(tx)?;
    Ok(id)
}

fn bump_door(tx: &Tx, lock_id: LockId) -> Result<()> {
    let sql = "UPDATE door SET version = version + 1 WHERE id = (SELECT door_id FROM lock WHERE id = ?)";
    sql::execute(tx, sql, [lock_id])?;
    Ok(())
}

fn begin_readings(tx: &Tx, lock_id: LockId, percent: Option<u8>, now: Millis) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO battery_reading (lock_id, at, percent) SELECT ?1, ?2, ?3 WHERE ?3 IS NOT NULL";
    sql::execute(tx, sql, params![lock_id, now, percent])?;
    Ok(())
}

/// Notes what a lock can do. Returns whether that is news.
pub fn describe(tx: &Tx, lock_id: LockId, device: &Device<'_>) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE lock SET model = ?1, slots_total = ?2, lengths = ?3, read_back = ?4, schedules = ?5 WHERE id = ?6 \
         AND (model IS NOT ?1 OR slots_total IS NOT ?2 OR lengths IS NOT ?3 OR read_back IS NOT ?4 \
         OR schedules IS NOT ?5)",
        params![
            device.model,
            device.slots_total,
            api_types::Named::name(device.lengths),
            api_types::Named::name(device.read_back),
            device.schedules,
            lock_id
        ],
    )?;
    Ok(changed > 0)
}

/// Lets go of a former lock if nothing of ours is on it any more: from then on it may be linked again.
pub fn release_if_empty(tx: &Tx, lock_id: LockId) -> Result<()> {
    let released = sql::execute(
        tx,
        "UPDATE lock SET hub_lock = NULL WHERE id = ?1 AND former_since IS NOT NULL AND hub_lock IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM placement WHERE placement.lock_id = ?1 AND placement.state <> 'removed')",
        [lock_id],
    )?;
    if released > 0 { count_change(tx) } else { Ok(()) }
}

/// Makes a lock one that stands for a missing one.
pub(crate) fn detach(tx: &Tx, lock_id: LockId, unlinked_hub: HubId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE lock SET hub_id = ?1, hub_lock = NULL, online = 0, since = ?2, battery_percent = NULL WHERE id = ?3",
        params![unlinked_hub, now, lock_id],
    )?;
    count_change(tx)
}

/// The current locks of a hub whose doors are retired and that hold nothing of ours.
pub fn idle_at_hub(db: &Db, hub_id: HubId) -> Result<Vec<LockId>> {
    sql::values(
        db,
        "SELECT lock.id FROM lock JOIN door ON door.id = lock.door_id WHERE lock.hub_id = ? \
         AND lock.former_since IS NULL AND door.retired_at IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM placement WHERE placement.lock_id = lock.id AND placement.state <> 'removed')",
        [hub_id],
    )
}

/// What a lock reported of its battery.
#[derive(Clone, Copy, Debug)]
pub struct BatteryReading {
    /// When.
    pub at: Millis,
    /// What was left, 0 to 100.
    pub percent: u8,
}

sql::from_row!(BatteryReading { at as Moment, percent });

/// The last `limit` changes of a lock's battery, oldest first.
pub fn battery_readings(db: &Db, lock_id: LockId, limit: u32) -> Result<Vec<BatteryReading>> {
    let sql = "SELECT at, percent FROM battery_reading WHERE lock_id = ? ORDER BY at DESC LIMIT ?";
    let mut readings: Vec<BatteryReading> = sql::all(db, sql, params![lock_id, limit])?;
    readings.reverse();
    Ok(readings)
}
