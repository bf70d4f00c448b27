//! Buildings, units, doors and the locks and hubs that hold them.

use api_types::{Door, DoorKind, Hub, Lock};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::names::Name;
use crate::{Db, Millis, Result, Scope, Tx, instant};

/// A door with what is needed to place a code on its lock.
#[derive(Clone, Debug, FromRow)]
pub struct DoorRecord {
    /// The door's id.
    pub id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// As people call it.
    pub name: String,
    kind: String,
    /// The unit it belongs to.
    pub unit_id: Option<Uuid>,
    /// The unit's name.
    pub unit: Option<String>,
    /// The lock on it.
    pub lock_id: Uuid,
    /// The hub that drives the lock.
    pub hub_id: Uuid,
    hub_name: String,
    /// The lock answers its hub, as last heard.
    pub lock_online: bool,
    /// Since when.
    pub lock_since: Millis,
    /// The hub answers us, as last heard.
    pub hub_online: bool,
    /// Since when.
    pub hub_since: Millis,
    battery_percent: Option<u8>,
    slots_total: u16,
    slots_used: u16,
}

impl DoorRecord {
    /// What the door is for.
    pub fn kind(&self) -> DoorKind {
        DoorKind::of(&self.kind).expect("the column is checked")
    }

    /// The door without its lock, as residents see it.
    pub fn door(&self) -> Door {
        Door { id: self.id, name: self.name.clone(), kind: self.kind(), unit: self.unit.clone(), lock: None }
    }

    /// The door with its lock, as managers see it.
    pub fn door_with_lock(&self) -> Door {
        let online = self.lock_online && self.hub_online;
        // Behind an offline hub nothing is known of the lock, so the hub's time counts.
        let since = if self.hub_online { self.lock_since } else { self.hub_since };
        let lock = Lock {
            id: self.lock_id,
            hub_id: self.hub_id,
            hub_name: self.hub_name.clone(),
            online,
            since: instant(since),
            battery_percent: self.battery_percent,
            slots_used: self.slots_used,
            slots_total: self.slots_total,
        };
        Door { lock: Some(lock), ..self.door() }
    }
}

const SELECT: &str = "SELECT door.id, door.property_id, door.name, door.kind, door.unit_id, unit.name AS unit, \
     lock.id AS lock_id, lock.hub_id, hub.name AS hub_name, lock.online AS lock_online, lock.since AS lock_since, \
     hub.online AS hub_online, hub.since AS hub_since, lock.battery_percent, lock.slots_total, \
     (SELECT count(*) FROM placement WHERE placement.lock_id = lock.id AND placement.slot IS NOT NULL) AS slots_used \
     FROM door JOIN lock ON lock.door_id = door.id JOIN hub ON hub.id = lock.hub_id \
     LEFT JOIN unit ON unit.id = door.unit_id WHERE TRUE";

/// All doors of a property, in the order of their names.
pub async fn of_property(db: &mut Db, scope: Scope, property_id: Uuid) -> Result<Vec<DoorRecord>> {
    Ok(of_property_query(scope, property_id).build_query_as().fetch_all(db).await?)
}

/// The query of [`of_property`]; also read by the test of query plans.
pub fn of_property_query(scope: Scope, property_id: Uuid) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND door.property_id = ").push_bind(property_id);
    scope.push(&mut query, "door.property_id", None);
    query.push(" ORDER BY door.sort_key, door.id");
    query
}

/// These doors, those of them that exist and that a manager's or support's scope holds.
pub async fn by_ids(db: &mut Db, scope: Scope, ids: &[Uuid]) -> Result<Vec<DoorRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    push_ids(&mut query, "door.id", ids);
    scope.push(&mut query, "door.property_id", None);
    query.push(" ORDER BY door.sort_key, door.id");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// The unit's own doors.
pub async fn of_unit(db: &mut Db, unit_id: Uuid) -> Result<Vec<DoorRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND door.unit_id = ").push_bind(unit_id).push(" ORDER BY door.sort_key, door.id");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// The doors for which a resident of the unit may issue guest codes: the unit's own, and the property doors on the
/// way to it, which are its building's and those of no building (R21).
pub async fn for_guests_of_unit(db: &mut Db, unit_id: Uuid) -> Result<Vec<DoorRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND (door.unit_id = ").push_bind(unit_id);
    query.push(" OR (door.kind = 'property' AND door.property_id = (SELECT property_id FROM unit WHERE id = ");
    query.push_bind(unit_id);
    query.push(") AND (door.building_id IS NULL OR door.building_id = (SELECT building_id FROM unit WHERE id = ");
    query.push_bind(unit_id).push(")))) ORDER BY door.kind = 'unit' DESC, door.sort_key, door.id");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// The hubs of a property.
pub async fn hubs(db: &mut Db, property_id: Uuid) -> Result<Vec<Hub>> {
    let rows: Vec<(Uuid, String, bool, Millis)> =
        sqlx::query_as("SELECT id, name, online, since FROM hub WHERE property_id = ? ORDER BY name, id")
            .bind(property_id)
            .fetch_all(db)
            .await?;
    Ok(rows.into_iter().map(|(id, name, online, since)| Hub { id, name, online, since: instant(since) }).collect())
}

/// A lock as its driver must know it.
#[derive(Clone, Debug, FromRow)]
pub struct LockRecord {
    /// The lock's id.
    pub id: Uuid,
    /// Its hub.
    pub hub_id: Uuid,
    /// Its door.
    pub door_id: Uuid,
    /// Its door's name.
    pub door_name: String,
    /// The property.
    pub property_id: Uuid,
    /// Its hub's name.
    pub hub_name: String,
    /// As last heard.
    pub online: bool,
    /// As last heard.
    pub hub_online: bool,
    /// Slots the lock has.
    pub slots_total: u16,
    /// As last heard.
    pub battery_percent: Option<u8>,
}

/// Every lock of every property.
pub async fn all_locks(db: &mut Db) -> Result<Vec<LockRecord>> {
    Ok(sqlx::query_as(
        "SELECT lock.id, lock.hub_id, lock.door_id, door.name AS door_name, lock.property_id, hub.name AS hub_name, \
         lock.online, hub.online AS hub_online, lock.slots_total, lock.battery_percent \
         FROM lock JOIN door ON door.id = lock.door_id JOIN hub ON hub.id = lock.hub_id",
    )
    .fetch_all(db)
    .await?)
}

/// A hub's property and name.
pub async fn hub_name(db: &mut Db, hub_id: Uuid) -> Result<Option<(Uuid, String)>> {
    Ok(sqlx::query_as("SELECT property_id, name FROM hub WHERE id = ?").bind(hub_id).fetch_optional(db).await?)
}

/// A lock's property and door, and the door's name.
pub async fn lock_name(db: &mut Db, lock_id: Uuid) -> Result<Option<(Uuid, Uuid, String)>> {
    Ok(sqlx::query_as(
        "SELECT lock.property_id, door.id, door.name FROM lock JOIN door ON door.id = lock.door_id WHERE lock.id = ?",
    )
    .bind(lock_id)
    .fetch_optional(db)
    .await?)
}

/// Notes that a lock answers or doesn't. Answers whether that is news.
pub async fn set_lock_online(tx: &mut Tx, lock_id: Uuid, online: bool, now: Millis) -> Result<bool> {
    let changed = sqlx::query("UPDATE lock SET online = ?, since = ? WHERE id = ? AND online <> ?")
        .bind(online)
        .bind(now)
        .bind(lock_id)
        .bind(online)
        .execute(&mut **tx)
        .await?;
    Ok(changed.rows_affected() > 0)
}

/// Notes that a hub answers or doesn't. Answers whether that is news.
pub async fn set_hub_online(tx: &mut Tx, hub_id: Uuid, online: bool, now: Millis) -> Result<bool> {
    let changed = sqlx::query("UPDATE hub SET online = ?, since = ? WHERE id = ? AND online <> ?")
        .bind(online)
        .bind(now)
        .bind(hub_id)
        .bind(online)
        .execute(&mut **tx)
        .await?;
    Ok(changed.rows_affected() > 0)
}

/// Notes a lock's battery.
pub async fn set_battery(tx: &mut Tx, lock_id: Uuid, percent: u8) -> Result<()> {
    sqlx::query("UPDATE lock SET battery_percent = ? WHERE id = ?")
        .bind(percent)
        .bind(lock_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A building.
pub async fn insert_building(tx: &mut Tx, property_id: Uuid, name: &str) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO building (id, property_id, name) VALUES (?, ?, ?)")
        .bind(id)
        .bind(property_id)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// A unit.
pub async fn insert_unit(tx: &mut Tx, property_id: Uuid, building_id: Option<Uuid>, name: &str) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO unit (id, property_id, building_id, name, sort_key) VALUES (?, ?, ?, ?, ?)")
        .bind(id)
        .bind(property_id)
        .bind(building_id)
        .bind(name)
        .bind(sort_key(name))
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// The unit of that name.
pub async fn unit_by_name(db: &mut Db, property_id: Uuid, name: &str) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar("SELECT id FROM unit WHERE property_id = ? AND name = ?")
        .bind(property_id)
        .bind(name)
        .fetch_optional(db)
        .await?)
}

/// A hub, online from the start.
pub async fn insert_hub(tx: &mut Tx, property_id: Uuid, name: &str, now: Millis) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO hub (id, property_id, name, online, since) VALUES (?, ?, ?, 1, ?)")
        .bind(id)
        .bind(property_id)
        .bind(name)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// A door with its lock to be put in.
#[derive(Clone, Debug)]
pub struct NewDoor<'a> {
    /// The property.
    pub property_id: Uuid,
    /// The building; `None` for a property door that is on everybody's way.
    pub building_id: Option<Uuid>,
    /// The unit, for unit doors.
    pub unit_id: Option<Uuid>,
    /// What it is for.
    pub kind: DoorKind,
    /// As people call it.
    pub name: &'a str,
    /// The hub that drives its lock.
    pub hub_id: Uuid,
    /// Slots the lock has.
    pub slots_total: u16,
    /// Battery, if the lock tells.
    pub battery_percent: Option<u8>,
}

/// A door and its lock, online from the start. Answers the door's id.
pub async fn insert_door(tx: &mut Tx, door: &NewDoor<'_>, now: Millis) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO door (id, property_id, building_id, unit_id, kind, name, sort_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(door.property_id)
    .bind(door.building_id)
    .bind(door.unit_id)
    .bind(door.kind.name())
    .bind(door.name)
    .bind(sort_key(door.name))
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO lock (id, door_id, property_id, hub_id, online, since, battery_percent, slots_total) \
         VALUES (?, ?, ?, ?, 1, ?, ?, ?)",
    )
    .bind(Uuid::now_v7())
    .bind(id)
    .bind(door.property_id)
    .bind(door.hub_id)
    .bind(now)
    .bind(door.battery_percent)
    .bind(door.slots_total)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Adds ` AND column IN (…)`; no ids match nothing.
pub(crate) fn push_ids(query: &mut QueryBuilder<Sqlite>, column: &str, ids: &[Uuid]) {
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")");
}

/// Sorts names as people count: numbers padded, so that `Unit 9` comes before `Unit 10`; letter case folded.
pub(crate) fn sort_key(name: &str) -> String {
    let mut key = String::new();
    let mut digits = String::new();
    let flush = |digits: &mut String, key: &mut String| {
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>8}"));
            digits.clear();
        }
    };
    for c in name.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            flush(&mut digits, &mut key);
            key.extend(c.to_lowercase());
        }
    }
    flush(&mut digits, &mut key);
    key
}
