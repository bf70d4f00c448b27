//! Hubs that people add, change and remove, and what the server needs to connect to them.

use api_types::HubKind;
use ids::{HubId, LockId, PropertyId};
use rusqlite::params;
use zeroize::Zeroizing;

use crate::{Db, Millis, Query, Result, Scope, Tx, Vault, sql};

/// A hub as it is managed.
#[derive(Clone, Debug)]
pub struct ManagedHub {
    /// The hub's id.
    pub id: HubId,
    /// The property.
    pub property_id: PropertyId,
    /// The name people know it by.
    pub name: String,
    kind: HubKind,
    /// Whether it answered when last heard from.
    pub online: bool,
    /// Since when that has been so.
    pub since: Millis,
    /// Where its server listens.
    pub url: Option<String>,
    /// Whether it is sent a token.
    pub has_token: bool,
    /// What it last said that it is.
    pub software: Option<String>,
    /// Why it won't talk to us, as it last said.
    pub problem: Option<String>,
    /// The `ETag`: incremented with every change.
    pub version: i64,
    /// Doors with a lock of this hub, retired ones whose lock holds nothing left out.
    pub doors: u32,
    /// Former locks of doors that may still hold codes.
    pub former_locks: u32,
}

sql::from_row!(ManagedHub {
    id,
    property_id,
    name,
    kind as Named,
    online,
    since as Moment,
    url,
    has_token,
    software,
    problem,
    version,
    doors,
    former_locks,
});

impl ManagedHub {
    /// What it is.
    pub fn kind(&self) -> HubKind {
        self.kind
    }
}

/// Those that only stand for a missing hub aren't among them.
const SELECT: &str = "SELECT hub.id, hub.property_id, hub.name, hub.kind, hub.online, hub.since, hub.url, \
     hub.sealed_token IS NOT NULL AS has_token, hub.software, hub.problem, hub.version, \
     (SELECT count(*) FROM lock JOIN door ON door.id = lock.door_id WHERE lock.hub_id = hub.id \
      AND lock.former_since IS NULL AND (door.retired_at IS NULL \
      OR EXISTS (SELECT 1 FROM placement WHERE placement.lock_id = lock.id AND placement.slot IS NOT NULL))) AS doors, \
     (SELECT count(*) FROM lock WHERE lock.hub_id = hub.id AND lock.former_since IS NOT NULL \
      AND lock.hub_lock IS NOT NULL) AS former_locks \
     FROM hub WHERE hub.kind <> 'none' AND hub.removed_at IS NULL";

/// The readable hubs of a property, by name.
pub fn of_property(db: &Db, scope: Scope, property_id: PropertyId) -> Result<Vec<ManagedHub>> {
    of_property_query(scope, property_id).all_readable(db)
}

/// The query behind [`of_property`], also used by the query-plan test.
pub fn of_property_query(scope: Scope, property_id: PropertyId) -> Query {
    let mut query = Query::new(SELECT);
    query.push(" AND hub.property_id = ").bind(property_id);
    scope.push_for_few(&mut query, "hub.property_id", None);
    query.push(" ORDER BY hub.name, hub.id");
    query
}

/// One hub of a property in scope.
pub fn get(db: &Db, scope: Scope, id: HubId) -> Result<Option<ManagedHub>> {
    let mut query = Query::new(SELECT);
    query.push(" AND hub.id = ").bind(id);
    scope.push_for_few(&mut query, "hub.property_id", None);
    query.optional(db)
}

/// A hub to add.
pub struct NewHub<'a> {
    /// The property.
    pub property_id: PropertyId,
    /// The name people know it by.
    pub name: &'a str,
    /// What it is.
    pub kind: HubKind,
    /// Where its server listens.
    pub url: &'a str,
    /// What it wants to see; kept sealed.
    pub token: Option<&'a str>,
}

/// Adds a hub that is connected to, offline until it answers. Returns its id.
pub fn insert(tx: &Tx, new: &NewHub<'_>, now: Millis) -> Result<HubId> {
    let id = HubId::generate();
    sql::execute(
        tx,
        "INSERT INTO hub (id, property_id, name, kind, online, since, url) VALUES (?, ?, ?, ?, 0, ?, ?)",
        params![id, new.property_id, new.name, api_types::Named::name(new.kind), now, new.url],
    )?;
    if let Some(token) = new.token {
        seal_token(tx, new.property_id, id, token)?;
    }
    count_change(tx)?;
    Ok(id)
}

/// Gives it another name.
pub fn rename(tx: &Tx, id: HubId, name: &str) -> Result<()> {
    sql::execute(tx, "UPDATE hub SET name = ?, version = version + 1 WHERE id = ?", params![name, id])?;
    Ok(())
}

/// Sets where its server listens. What was known of the one before no longer counts.
pub fn set_url(tx: &Tx, id: HubId, url: &str, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE hub SET url = ?1, software = NULL, problem = NULL, since = iif(online, ?2, since), online = 0, version = version + 1 \
         WHERE id = ?3",
        params![url, now, id],
    )?;
    count_change(tx)
}

/// Sets or removes what it wants to see.
pub fn set_token(tx: &Tx, property_id: PropertyId, id: HubId, token: Option<&str>) -> Result<()> {
    match token {
        Some(token) => seal_token(tx, property_id, id, token)?,
        None => {
            sql::execute(tx, "UPDATE hub SET sealed_token = NULL, sealed_with = NULL WHERE id = ?", [id])?;
        }
    }
    sql::execute(tx, "UPDATE hub SET version = version + 1 WHERE id = ?", [id])?;
    count_change(tx)
}

fn seal_token(tx: &Tx, property_id: PropertyId, id: HubId, token: &str) -> Result<()> {
    let (version, sealed) = tx.seal_token(property_id, id, token)?;
    let sql = "UPDATE hub SET sealed_token = ?, sealed_with = ? WHERE id = ?";
    sql::execute(tx, sql, params![sealed, version, id])?;
    Ok(())
}

/// Removes a hub that no lock is linked to. Its name stays for what is on record, its address and its token don't.
pub fn remove(tx: &Tx, id: HubId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE hub SET removed_at = ?1, url = NULL, sealed_token = NULL, sealed_with = NULL, online = 0, since = ?1, \
         version = version + 1 WHERE id = ?2",
        params![now, id],
    )?;
    count_change(tx)
}

/// Notes what a hub says that it is, or else why it won't talk to us.
pub fn set_greeting(tx: &Tx, id: HubId, greeting: std::result::Result<&str, &str>) -> Result<()> {
    let (software, problem) = (greeting.ok(), greeting.err());
    sql::execute(
        tx,
        "UPDATE hub SET software = coalesce(?1, software), problem = ?2 WHERE id = ?3 \
         AND (software IS NOT coalesce(?1, software) OR problem IS NOT ?2)",
        params![software, problem, id],
    )?;
    Ok(())
}

/// What it takes to connect to a hub. No `Debug`: it may hold a token.
#[derive(Clone)]
pub struct Connection {
    /// The hub.
    pub hub_id: HubId,
    /// Its `ETag`, which is another one with every change to the rest.
    pub version: i64,
    kind: HubKind,
    /// Where its server listens.
    pub url: String,
    /// What it wants to see; `Err` when it can't be opened.
    pub token: Option<std::result::Result<Zeroizing<String>, ()>>,
}

impl Connection {
    /// What it is.
    pub fn kind(&self) -> HubKind {
        self.kind
    }
}

struct ConnectionRow {
    id: HubId,
    property_id: PropertyId,
    version: i64,
    kind: HubKind,
    url: String,
    sealed_token: Option<Vec<u8>>,
    sealed_with: Option<i64>,
}

sql::from_row!(ConnectionRow { id, property_id, version, kind as Named, url, sealed_token, sealed_with });

/// The readable hubs that are connected to.
pub fn connections(db: &Db, vault: &Vault) -> Result<Vec<Connection>> {
    let sql = "SELECT id, property_id, version, kind, url, sealed_token, sealed_with FROM hub \
               WHERE url IS NOT NULL AND removed_at IS NULL ORDER BY id";
    let mut connections = Vec::new();
    for row in sql::all_readable::<ConnectionRow>(db, sql, [])? {
        let token = match (&row.sealed_token, row.sealed_with) {
            (Some(sealed), Some(version)) => {
                match vault.open_token(db, row.property_id, row.id, version, sealed) {
                    Ok(token) => Some(Ok(token)),
                    // Only this hub can't be spoken to.
                    Err(error) if error.is_single_record() => Some(Err(())),
                    Err(error) => return Err(error),
                }
            }
            _ => None,
        };
        let ConnectionRow { id: hub_id, version, kind, url, .. } = row;
        connections.push(Connection { hub_id, version, kind, url, token });
    }
    Ok(connections)
}

/// Every lock that is linked to a device, former ones that may hold codes included: the hub, the lock, and what names it at
/// the hub.
pub fn links(db: &Db) -> Result<Vec<(HubId, LockId, String)>> {
    sql::all(db, "SELECT hub_id, id, hub_lock FROM lock WHERE hub_lock IS NOT NULL", [])
}

/// How many changes there have been to hubs and links: another number when they are worth reading again, whichever program
/// changed them.
pub fn changes(db: &Db) -> Result<i64> {
    sql::value(db, "SELECT count FROM hub_changes", [])
}

/// Counts a change to hubs and links.
pub(crate) fn count_change(tx: &Tx) -> Result<()> {
    sql::execute(tx, "UPDATE hub_changes SET count = count + 1", [])?;
    Ok(())
}
