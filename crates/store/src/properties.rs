//! Properties, their switch, their counts and their health.

use api_types::{Changed, NeedsYou, PlacementStatus, Property, PropertyCounts, PropertyHealth};
use rusqlite::params;
use uuid::Uuid;

use crate::placements::PlacementState;
use crate::{Db, Millis, Query, Result, Scope, Tx, doors, instant, sql};

/// A property without its counts.
#[derive(Clone, Debug)]
pub struct PropertyRecord {
    /// The property's id.
    pub id: Uuid,
    /// As people call it.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// R3.
    pub custom_codes_enabled: bool,
    custom_codes_changed_at: Option<Millis>,
    custom_codes_changed_by: Option<Uuid>,
    custom_codes_changed_by_name: Option<String>,
    /// R20.
    pub delivery_opens_unit_doors: bool,
    /// The `ETag`: goes up with every edit.
    pub version: i64,
}

sql::from_row!(PropertyRecord {
    id,
    name,
    time_zone,
    custom_codes_enabled,
    custom_codes_changed_at as Moment,
    custom_codes_changed_by,
    custom_codes_changed_by_name,
    delivery_opens_unit_doors,
    version,
});

const SELECT: &str = "SELECT property.id, property.name, property.time_zone, property.custom_codes_enabled, \
     property.custom_codes_changed_at, property.custom_codes_changed_by, \
     person.name AS custom_codes_changed_by_name, property.delivery_opens_unit_doors, property.version \
     FROM property LEFT JOIN person ON person.id = property.custom_codes_changed_by WHERE TRUE";

/// The properties in scope that can be read, by name.
pub fn list(db: &Db, scope: Scope) -> Result<Vec<PropertyRecord>> {
    list_query(scope).all_readable(db)
}

/// The query of [`list`]; also read by the test of query plans.
pub fn list_query(scope: Scope) -> Query {
    let mut query = Query::new(SELECT);
    scope.push(&mut query, "property.id", None);
    query.push(" ORDER BY property.name, property.id LIMIT 200");
    query
}

/// One property in scope.
pub fn get(db: &Db, scope: Scope, id: Uuid) -> Result<Option<PropertyRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND property.id = ").bind(id);
    scope.push_of_few(&mut query, "property.id", None);
    query.optional(db)
}

/// A property, with the feature off (R3).
pub fn insert(tx: &Tx, name: &str, time_zone: &str, delivery_opens_unit_doors: bool, now: Millis) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sql::execute(
        tx,
        "INSERT INTO property (id, name, time_zone, delivery_opens_unit_doors, created_at) VALUES (?, ?, ?, ?, ?)",
        params![id, name, time_zone, delivery_opens_unit_doors, now],
    )?;
    Ok(id)
}

/// Switches the feature (R3). The property's version goes up.
pub fn set_custom_codes(tx: &Tx, id: Uuid, enabled: bool, by: Uuid, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE property SET custom_codes_enabled = ?, custom_codes_changed_at = ?, custom_codes_changed_by = ?, \
         version = version + 1 WHERE id = ?",
        params![enabled, now, by, id],
    )?;
    Ok(())
}

impl PropertyRecord {
    /// The property with its counts and health at `now`.
    ///
    /// `app_is_ready` tells whether an app of that version may pick custom codes (R4).
    pub fn describe(self, db: &Db, now: Millis, app_is_ready: impl Fn(&str) -> bool) -> Result<Property> {
        let counts = counts(db, self.id, now, app_is_ready)?;
        let health = health(db, self.id)?;
        Ok(Property {
            custom_codes_changed: match (
                self.custom_codes_changed_at,
                self.custom_codes_changed_by,
                self.custom_codes_changed_by_name,
            ) {
                (Some(at), Some(by_id), Some(by)) => Some(Changed { at: instant(at), by_id, by }),
                _ => None,
            },
            id: self.id,
            name: self.name,
            time_zone: self.time_zone,
            custom_codes_enabled: self.custom_codes_enabled,
            delivery_opens_unit_doors: self.delivery_opens_unit_doors,
            counts,
            health,
        })
    }
}

fn counts(db: &Db, id: Uuid, now: Millis, app_is_ready: impl Fn(&str) -> bool) -> Result<PropertyCounts> {
    let (units, guest_codes_live): (u32, u32) = sql::one(
        db,
        "SELECT (SELECT count(*) FROM unit WHERE property_id = ?1), \
         (SELECT count(*) FROM guest_code WHERE property_id = ?1 AND state = 'live')",
        [id],
    )?;
    // A group for each app version seen: few, however many residents there are.
    let groups: Vec<(Option<String>, Option<String>, u32)> = sql::all(
        db,
        "SELECT person.app_version, tenancy.code_origin, count(*) FROM tenancy \
         JOIN person ON person.id = tenancy.person_id \
         WHERE tenancy.property_id = ? AND tenancy.ended_at IS NULL AND tenancy.starts_at <= ? \
         GROUP BY person.app_version, tenancy.code_origin",
        params![id, now],
    )?;
    let mut counts = PropertyCounts { units, guest_codes_live, ..PropertyCounts::default() };
    for (app_version, origin, number) in groups {
        counts.residents += number;
        match app_version.as_deref() {
            None => counts.residents_without_app += number,
            Some(version) if app_is_ready(version) => counts.residents_app_ready += number,
            Some(_) => counts.residents_app_too_old += number,
        }
        if origin.as_deref() == Some("custom") {
            counts.custom_codes += number;
        }
    }
    Ok(counts)
}

const NEEDS_YOU_MOST: usize = 20;

fn health(db: &Db, id: Uuid) -> Result<PropertyHealth> {
    let hubs = doors::hubs(db, id)?;
    let (total, locks_offline): (u32, u32) = sql::one(
        db,
        "SELECT count(*), coalesce(sum(NOT (lock.online AND hub.online)), 0) FROM lock JOIN hub ON hub.id = lock.hub_id \
         WHERE lock.property_id = ?",
        [id],
    )?;
    let open: Vec<OpenPlacement> = sql::all_readable(
        db,
        "SELECT placement.id, placement.code_id, placement.door_id, placement.state, placement.since, \
         placement.reason, door.name AS door_name, unit.name AS unit, code.holder = 'guest' AS guest, \
         coalesce(guest_code.guest_name, person.name, '') AS holder \
         FROM placement JOIN door ON door.id = placement.door_id JOIN code ON code.id = placement.code_id \
         LEFT JOIN unit ON unit.id = door.unit_id LEFT JOIN guest_code ON guest_code.id = code.id \
         LEFT JOIN tenancy ON tenancy.id = code.tenancy_id LEFT JOIN person ON person.id = tenancy.person_id \
         WHERE placement.property_id = ? AND placement.state NOT IN ('on_lock', 'removed') \
         AND (placement.wanted OR placement.state IN ('removing', 'removal_failed'))",
        [id],
    )?;
    let mut health = PropertyHealth { hubs, doors: total, locks_offline, ..PropertyHealth::default() };
    let mut unsettled: Vec<Uuid> = open.iter().map(|placement| placement.door_id).collect();
    unsettled.sort_unstable();
    unsettled.dedup();
    health.doors_in_order = total.saturating_sub(unsettled.len() as u32);
    let mut needs_you = Vec::new();
    for placement in open {
        let status = placement.state.status();
        match status {
            PlacementStatus::Failed => health.failed += 1,
            PlacementStatus::Waiting => health.waiting += 1,
            PlacementStatus::BeingRemoved => health.removals_unconfirmed += 1,
            _ => continue,
        }
        // A removal under way needs nobody; one that a lock refuses or can't hear does (R24).
        let stuck = placement.state == PlacementState::RemovalFailed || placement.reason.is_some();
        if status == PlacementStatus::BeingRemoved && !stuck {
            continue;
        }
        needs_you.push((urgency(status), placement.since, placement, status));
    }
    needs_you.sort_by_key(|(urgency, since, _, _)| (*urgency, *since));
    health.needs_you_total = needs_you.len() as u32;
    health.needs_you = needs_you
        .into_iter()
        .take(NEEDS_YOU_MOST)
        .map(|(_, since, placement, status)| NeedsYou {
            door_id: placement.door_id,
            door_name: placement.door_name,
            unit: placement.unit,
            code_id: placement.code_id,
            guest: placement.guest,
            holder: placement.holder,
            status,
            next_step: crate::placements::next_step(status, placement.reason.as_deref()),
            reason: placement.reason,
            since: instant(since),
        })
        .collect();
    Ok(health)
}

/// Worst first: a code that opens and shouldn't, then one that doesn't and should, then one that waits.
fn urgency(status: PlacementStatus) -> u8 {
    match status {
        PlacementStatus::BeingRemoved => 0,
        PlacementStatus::Failed => 1,
        _ => 2,
    }
}

struct OpenPlacement {
    code_id: Uuid,
    door_id: Uuid,
    state: PlacementState,
    since: Millis,
    reason: Option<String>,
    door_name: String,
    unit: Option<String>,
    guest: bool,
    holder: String,
}

sql::from_row!(OpenPlacement {
    code_id,
    door_id,
    state as Named,
    since as Moment,
    reason,
    door_name,
    unit,
    guest,
    holder,
});
