//! Buildings, units and doors, with their locks and hubs.

use api_types::DoorKind;
use ids::{BuildingId, DoorId, HubId, LockId, PropertyId, UnitId};
use rusqlite::{ToSql, params};

use crate::words::sort_key;
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, Tx, sql};

/// A door with what is needed to place a code on its lock.
#[derive(Clone, Debug)]
pub struct DoorRecord {
    /// The door's id.
    pub id: DoorId,
    /// The property.
    pub property_id: PropertyId,
    /// The name people know it by.
    pub name: String,
    kind: DoorKind,
    /// The unit it belongs to.
    pub unit_id: Option<UnitId>,
    /// The unit's name.
    pub unit: Option<String>,
    /// The lock on it.
    pub lock_id: LockId,
    /// The hub that drives the lock.
    pub hub_id: HubId,
    /// The hub's name.
    pub hub_name: String,
    /// Whether the lock answered its hub when last heard from.
    pub lock_online: bool,
    /// Since when that has been so.
    pub lock_since: Millis,
    /// Whether the hub answered us when last heard from.
    pub hub_online: bool,
    /// Since when that has been so.
    pub hub_since: Millis,
    /// As last reported.
    pub battery_percent: Option<u8>,
    /// Slots the lock has.
    pub slots_total: u16,
    /// Slots that hold a code, or are reserved for one.
    pub slots_used: u16,
    /// Whether the lock doesn't hold a code that it should, or holds one that it shouldn't.
    pub unsettled: bool,
    /// Slots that hold a code which isn't ours.
    pub unknown_codes: u16,
    /// When it was retired (R36).
    pub retired_at: Option<Millis>,
    /// Whether a lock is linked to it (R35).
    pub linked: bool,
}

sql::from_row!(DoorRecord {
    id,
    property_id,
    name,
    kind as Named,
    unit_id,
    unit,
    lock_id,
    hub_id,
    hub_name,
    lock_online,
    lock_since as Moment,
    hub_online,
    hub_since as Moment,
    battery_percent,
    slots_total,
    slots_used,
    unsettled,
    unknown_codes,
    retired_at as Moment,
    linked,
});

impl DoorRecord {
    /// What the door is for.
    pub fn kind(&self) -> DoorKind {
        self.kind
    }
}

/// Whether a door's lock isn't as it should be. In the words of the index `placement_unsettled`, so that SQLite reads it
/// and not everything that ever was on the door, or will be.
macro_rules! unsettled {
    () => {
        "EXISTS (SELECT 1 FROM placement WHERE placement.door_id = door.id \
         AND placement.state NOT IN ('on_lock', 'removed') \
         AND (placement.wanted OR placement.state IN ('removing', 'removal_failed')))"
    };
}

/// Which doors a property has: a retired one is among them until its lock holds nothing any more, since it still opens (R24).
macro_rules! in_use {
    () => {
        concat!("(door.retired_at IS NULL OR ", unsettled!(), ")")
    };
}

const SELECT: &str = concat!(
    "SELECT door.id, door.property_id, door.name, door.kind, door.unit_id, unit.name AS unit, \
     lock.id AS lock_id, lock.hub_id, hub.name AS hub_name, lock.online AS lock_online, lock.since AS lock_since, \
     hub.online AS hub_online, hub.since AS hub_since, lock.battery_percent, lock.slots_total, \
     (SELECT count(*) FROM placement WHERE placement.lock_id = lock.id AND placement.slot IS NOT NULL) AS slots_used, \
     (SELECT count(*) FROM unknown_code WHERE unknown_code.lock_id = lock.id AND unknown_code.state <> 'suspected') \
     AS unknown_codes, ",
    unsettled!(),
    " AS unsettled, door.retired_at, hub.kind <> 'none' AS linked FROM door \
     JOIN lock ON lock.door_id = door.id AND lock.former_since IS NULL JOIN hub ON hub.id = lock.hub_id \
     LEFT JOIN unit ON unit.id = door.unit_id WHERE TRUE"
);

/// The readable doors of a property that are in use, and retired ones whose lock still holds a code; by name.
pub fn of_property(db: &Db, scope: Scope, property_id: PropertyId) -> Result<Vec<DoorRecord>> {
    of_property_query(scope, property_id).all_readable(db)
}

/// The query behind [`of_property`], also used by the query-plan test.
pub fn of_property_query(scope: Scope, property_id: PropertyId) -> Query {
    let mut query = Query::new(SELECT);
    query.push(" AND door.property_id = ").bind(property_id);
    query.push(concat!(" AND ", in_use!()));
    scope.push(&mut query, "door.property_id", None);
    query.push(" ORDER BY door.sort_key, door.id");
    query
}

const LIST: &str = "doors";

/// Where a page of a property's doors ended.
#[derive(Clone, Debug)]
pub struct Position {
    sort_key: String,
    id: DoorId,
}

impl Position {
    /// Where the page that ended with `door` ended.
    pub fn of(door: &DoorRecord) -> Self {
        Self { sort_key: sort_key(&door.name), id: door.id }
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// [`Error::BadCursor`].
    pub fn parse(cursor: &str) -> Result<Self> {
        let cursor = Cursor::parse(LIST, cursor)?;
        Ok(Self { sort_key: cursor.key, id: cursor.id.parse().map_err(|_| Error::BadCursor)? })
    }

    /// As a cursor.
    pub fn print(&self) -> String {
        Cursor { key: self.sort_key.clone(), id: self.id.to_string() }.print(LIST)
    }

    /// Whether the door comes after this in the order of [`of_property`].
    pub fn is_before(&self, door: &DoorRecord) -> bool {
        (self.sort_key.as_str(), self.id) < (sort_key(&door.name).as_str(), door.id)
    }
}

/// Those of these doors that exist and are within a manager's or support's scope.
pub fn by_ids(db: &Db, scope: Scope, ids: &[DoorId]) -> Result<Vec<DoorRecord>> {
    let mut query = Query::new(SELECT);
    push_ids(&mut query, "door.id", ids);
    scope.push_for_few(&mut query, "door.property_id", None);
    query.push(" ORDER BY door.sort_key, door.id");
    query.all(db)
}

/// A unit's own doors that are in use.
pub fn of_unit(db: &Db, unit_id: UnitId) -> Result<Vec<DoorRecord>> {
    let mut query = Query::new(SELECT);
    query
        .push(" AND door.unit_id = ")
        .bind(unit_id)
        .push(" AND door.retired_at IS NULL ORDER BY door.sort_key, door.id");
    query.all(db)
}

/// The readable doors that a resident of the unit may issue guest codes for: the unit's own, and the property doors on
/// the way to it, which are those of its building and those of no building (R21).
pub fn for_guests_of_unit(db: &Db, unit_id: UnitId) -> Result<Vec<DoorRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND door.retired_at IS NULL AND (door.unit_id = ").bind(unit_id);
    query.push(" OR (door.kind = 'property' AND door.property_id = (SELECT property_id FROM unit WHERE id = ");
    query.bind(unit_id);
    query.push(") AND (door.building_id IS NULL OR door.building_id = (SELECT building_id FROM unit WHERE id = ");
    query.bind(unit_id).push(")))) ORDER BY door.kind = 'unit' DESC, door.sort_key, door.id");
    query.all_readable(db)
}

/// A hub as last heard from.
#[derive(Clone, Debug)]
pub struct HubRecord {
    /// The hub's id.
    pub id: HubId,
    /// The name people know it by.
    pub name: String,
    /// Whether it answers us.
    pub online: bool,
    /// Since when that has been so.
    pub since: Millis,
}

sql::from_row!(HubRecord { id, name, online, since as Moment });

/// The readable hubs of a property.
pub fn hubs(db: &Db, property_id: PropertyId) -> Result<Vec<HubRecord>> {
    let sql = "SELECT id, name, online, since FROM hub WHERE property_id = ? AND removed_at IS NULL ORDER BY name, id";
    sql::all_readable(db, sql, [property_id])
}

/// What tells whether a door works, and nothing else of it.
#[derive(Clone, Debug)]
pub struct DoorPresence {
    /// The door's id.
    pub id: DoorId,
    /// The door's name.
    pub name: String,
    /// The hub that drives its lock.
    pub hub_id: HubId,
    /// As in [`DoorRecord`].
    pub lock_online: bool,
    /// As in [`DoorRecord`].
    pub lock_since: Millis,
    /// As in [`DoorRecord`].
    pub hub_online: bool,
    /// As in [`DoorRecord`].
    pub unsettled: bool,
    /// As in [`DoorRecord`].
    pub battery_percent: Option<u8>,
    /// When the battery last changed.
    pub battery_since: Option<Millis>,
    /// Since when its lock holds codes that aren't ours; `None` if it holds none.
    pub unknown_codes_since: Option<Millis>,
}

sql::from_row!(DoorPresence {
    id,
    name,
    hub_id,
    lock_online,
    lock_since as Moment,
    hub_online,
    unsettled,
    battery_percent,
    battery_since as Moment,
    unknown_codes_since as Moment,
});

/// The presence of each readable door of a property, by name.
pub fn presence_of_property(db: &Db, property_id: PropertyId) -> Result<Vec<DoorPresence>> {
    sql::all_readable(
        db,
        concat!(
            "SELECT door.id, door.name, lock.hub_id, lock.online AS lock_online, lock.since AS lock_since, \
             hub.online AS hub_online, lock.battery_percent, \
             (SELECT max(at) FROM battery_reading WHERE battery_reading.lock_id = lock.id) AS battery_since, \
             (SELECT min(since) FROM unknown_code WHERE unknown_code.lock_id = lock.id \
             AND unknown_code.state <> 'suspected') AS unknown_codes_since, ",
            unsettled!(),
            " AS unsettled FROM door JOIN lock ON lock.door_id = door.id AND lock.former_since IS NULL \
             JOIN hub ON hub.id = lock.hub_id WHERE door.property_id = ? AND ",
            in_use!(),
            " ORDER BY door.sort_key, door.id"
        ),
        [property_id],
    )
}

/// A lock, with what its driver needs to know.
#[derive(Clone, Debug)]
pub struct LockRecord {
    /// The lock's id.
    pub id: LockId,
    /// Its hub.
    pub hub_id: HubId,
    /// Its door.
    pub door_id: DoorId,
    /// Its door's name.
    pub door_name: String,
    /// The property.
    pub property_id: PropertyId,
    /// Its hub's name.
    pub hub_name: String,
    /// As last reported.
    pub online: bool,
    /// As last reported.
    pub hub_online: bool,
    /// Slots the lock has.
    pub slots_total: u16,
    /// As last reported.
    pub battery_percent: Option<u8>,
    /// What names the device at its hub.
    pub hub_lock: Option<String>,
}

sql::from_row!(LockRecord {
    id,
    hub_id,
    door_id,
    door_name,
    property_id,
    hub_name,
    online,
    hub_online,
    slots_total,
    battery_percent,
    hub_lock,
});

/// Every readable lock of every property, former ones that still hold codes included.
pub fn all_locks(db: &Db) -> Result<Vec<LockRecord>> {
    Query::new(LOCK).all_readable(db)
}

/// Every readable lock of a hub, former ones that still hold codes included.
pub fn locks_of_hub(db: &Db, hub_id: HubId) -> Result<Vec<LockRecord>> {
    let mut query = Query::new(LOCK);
    query.push(" AND lock.hub_id = ").bind(hub_id);
    query.all_readable(db)
}

const LOCK: &str = "SELECT lock.id, lock.hub_id, lock.door_id, door.name AS door_name, lock.property_id, \
     hub.name AS hub_name, lock.online, hub.online AS hub_online, lock.slots_total, lock.battery_percent, lock.hub_lock \
     FROM lock JOIN door ON door.id = lock.door_id JOIN hub ON hub.id = lock.hub_id \
     WHERE (lock.former_since IS NULL OR lock.hub_lock IS NOT NULL)";

/// A hub's property and name.
pub fn hub_name(db: &Db, hub_id: HubId) -> Result<Option<(PropertyId, String)>> {
    sql::optional(db, "SELECT property_id, name FROM hub WHERE id = ?", [hub_id])
}

/// A lock's property and door, and the door's name.
pub fn lock_name(db: &Db, lock_id: LockId) -> Result<Option<(PropertyId, DoorId, String)>> {
    sql::optional(
        db,
        "SELECT lock.property_id, door.id, door.name FROM lock JOIN door ON door.id = lock.door_id WHERE lock.id = ?",
        [lock_id],
    )
}

/// Notes whether a lock answers. Returns whether that is a change.
pub fn set_lock_online(tx: &Tx, lock_id: LockId, online: bool, now: Millis) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE lock SET online = ?, since = ? WHERE id = ? AND online <> ?",
        params![online, now, lock_id, online],
    )?;
    Ok(changed > 0)
}

/// Notes whether a hub answers. Returns whether that is a change.
pub fn set_hub_online(tx: &Tx, hub_id: HubId, online: bool, now: Millis) -> Result<bool> {
    let changed = sql::execute(
        tx,
        "UPDATE hub SET online = ?, since = ? WHERE id = ? AND online <> ?",
        params![online, now, hub_id, online],
    )?;
    Ok(changed > 0)
}

/// By how much a battery's level rises, at least, when it is a new one: levels waver.
const NEW_BATTERY: u8 = 20;

/// Notes a lock's battery level, and when it changed. Returns whether it has new batteries.
pub fn set_battery(tx: &Tx, lock_id: LockId, percent: u8, now: Millis) -> Result<bool> {
    let sql = "SELECT battery_percent FROM lock WHERE id = ?";
    let before: Option<u8> = sql::optional_value::<Option<u8>>(tx, sql, [lock_id])?.flatten();
    sql::execute(
        tx,
        "INSERT OR REPLACE INTO battery_reading (lock_id, at, percent) \
         SELECT id, ?2, ?3 FROM lock WHERE id = ?1 AND battery_percent IS NOT ?3",
        params![lock_id, now, percent],
    )?;
    sql::execute(tx, "UPDATE lock SET battery_percent = ? WHERE id = ?", params![percent, lock_id])?;
    Ok(before.is_some_and(|before| percent >= before.saturating_add(NEW_BATTERY)))
}

/// Adds a building. Returns its id.
pub fn insert_building(tx: &Tx, property_id: PropertyId, name: &str) -> Result<BuildingId> {
    let id = BuildingId::generate();
    sql::execute(tx, "INSERT INTO building (id, property_id, name) VALUES (?, ?, ?)", params![id, property_id, name])?;
    Ok(id)
}

/// Adds a unit. Returns its id.
pub fn insert_unit(tx: &Tx, property_id: PropertyId, building_id: Option<BuildingId>, name: &str) -> Result<UnitId> {
    let id = UnitId::generate();
    sql::execute(
        tx,
        "INSERT INTO unit (id, property_id, building_id, name, sort_key) VALUES (?, ?, ?, ?, ?)",
        params![id, property_id, building_id, name, sort_key(name)],
    )?;
    Ok(id)
}

/// The unit with that name, retired or not.
pub fn unit_by_name(db: &Db, property_id: PropertyId, name: &str) -> Result<Option<UnitId>> {
    sql::optional_value(db, "SELECT id FROM unit WHERE property_id = ? AND name = ?", params![property_id, name])
}

/// Adds a hub, online from the start. Returns its id.
pub fn insert_hub(tx: &Tx, property_id: PropertyId, name: &str, now: Millis) -> Result<HubId> {
    let id = HubId::generate();
    sql::execute(
        tx,
        "INSERT INTO hub (id, property_id, name, online, since) VALUES (?, ?, ?, 1, ?)",
        params![id, property_id, name, now],
    )?;
    Ok(id)
}

/// The hub that stands for locks which aren't linked to one yet, offline for ever and driven by nothing (R35). It is
/// added with the first such lock. Returns its id.
pub fn unlinked_hub(tx: &Tx, property_id: PropertyId, now: Millis) -> Result<HubId> {
    let sql = "SELECT id FROM hub WHERE property_id = ? AND kind = 'none' ORDER BY id LIMIT 1";
    if let Some(id) = sql::optional_value(tx, sql, [property_id])? {
        return Ok(id);
    }
    let id = HubId::generate();
    sql::execute(
        tx,
        "INSERT INTO hub (id, property_id, name, online, since, kind) VALUES (?, ?, 'No hub yet', 0, ?, 'none')",
        params![id, property_id, now],
    )?;
    Ok(id)
}

/// A property's hubs that only stand for a missing one.
pub fn unlinked_hubs(db: &Db, property_id: PropertyId) -> Result<Vec<HubId>> {
    sql::values(db, "SELECT id FROM hub WHERE property_id = ? AND kind = 'none'", [property_id])
}

/// The hubs that are simulated: all but those which only stand for a missing one.
pub fn simulated_hubs(db: &Db) -> Result<Vec<HubId>> {
    sql::values(db, "SELECT id FROM hub WHERE kind = 'simulated' AND removed_at IS NULL", [])
}

/// Every hub that has locks or will, and whether it is presumed online; for whoever operates the server.
pub fn hubs_of_all(db: &Db) -> Result<Vec<(HubId, bool)>> {
    sql::all(db, "SELECT id, online FROM hub WHERE kind <> 'none' AND removed_at IS NULL ORDER BY id", [])
}

/// A property's units that are in use.
pub fn units(db: &Db, property_id: PropertyId) -> Result<Vec<(UnitId, String)>> {
    let sql = "SELECT id, name FROM unit WHERE property_id = ? AND retired_at IS NULL ORDER BY sort_key, id";
    sql::all(db, sql, [property_id])
}

/// A door to add, with its lock.
#[derive(Clone, Debug)]
pub struct NewDoor<'a> {
    /// The property.
    pub property_id: PropertyId,
    /// The building; `None` for a property door that everybody passes through.
    pub building_id: Option<BuildingId>,
    /// The unit, for a unit door.
    pub unit_id: Option<UnitId>,
    /// What the door is for.
    pub kind: DoorKind,
    /// The name people know it by.
    pub name: &'a str,
    /// The hub that drives its lock.
    pub hub_id: HubId,
    /// Slots the lock has.
    pub slots_total: u16,
    /// The battery level, if the lock reports one.
    pub battery_percent: Option<u8>,
}

/// Adds a door and its lock, which is online if its hub is. Returns the door's id.
pub fn insert_door(tx: &Tx, door: &NewDoor<'_>, now: Millis) -> Result<DoorId> {
    let id = DoorId::generate();
    sql::execute(
        tx,
        "INSERT INTO door (id, property_id, building_id, unit_id, kind, name, sort_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![id, door.property_id, door.building_id, door.unit_id, door.kind.name(), door.name, sort_key(door.name)],
    )?;
    let lock_id = LockId::generate();
    sql::execute(
        tx,
        "INSERT INTO lock (id, door_id, property_id, hub_id, hub_lock, online, since, battery_percent, slots_total) \
         SELECT ?1, ?2, ?3, hub.id, iif(hub.kind = 'simulated', ?8, NULL), hub.online, ?5, ?6, ?7 \
         FROM hub WHERE hub.id = ?4",
        params![
            lock_id,
            id,
            door.property_id,
            door.hub_id,
            now,
            door.battery_percent,
            door.slots_total,
            lock_id.to_string()
        ],
    )?;
    Ok(id)
}

/// Adds ` AND column IN (…)`; an empty list matches nothing.
pub(crate) fn push_ids(query: &mut Query, column: &str, ids: &[impl ToSql]) {
    query.push(" AND ").push(column).push(" IN (");
    query.bind_list(ids).push(")");
}
