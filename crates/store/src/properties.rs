//! Properties, their switch, their counts and their health.

use api_types::{Changed, NeedsYou, PlacementStatus, Property, PropertyCounts, PropertyHealth};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::placements::PlacementState;
use crate::{Db, Millis, Result, Scope, Tx, doors, instant};

/// A property without its counts.
#[derive(Clone, Debug, FromRow)]
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

const SELECT: &str = "SELECT property.id, property.name, property.time_zone, property.custom_codes_enabled, \
     property.custom_codes_changed_at, property.custom_codes_changed_by, \
     person.name AS custom_codes_changed_by_name, property.delivery_opens_unit_doors, property.version \
     FROM property LEFT JOIN person ON person.id = property.custom_codes_changed_by WHERE TRUE";

/// The properties in scope, by name.
pub async fn list(db: &mut Db, scope: Scope) -> Result<Vec<PropertyRecord>> {
    Ok(list_query(scope).build_query_as().fetch_all(db).await?)
}

/// The query of [`list`]; also read by the test of query plans.
pub fn list_query(scope: Scope) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(SELECT);
    scope.push(&mut query, "property.id", None);
    query.push(" ORDER BY property.name, property.id LIMIT 200");
    query
}

/// One property in scope.
pub async fn get(db: &mut Db, scope: Scope, id: Uuid) -> Result<Option<PropertyRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND property.id = ").push_bind(id);
    scope.push(&mut query, "property.id", None);
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// A property, with the feature off (R3).
pub async fn insert(
    tx: &mut Tx,
    name: &str,
    time_zone: &str,
    delivery_opens_unit_doors: bool,
    now: Millis,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO property (id, name, time_zone, delivery_opens_unit_doors, created_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(name)
    .bind(time_zone)
    .bind(delivery_opens_unit_doors)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Switches the feature (R3) if the property still has that version. Answers whether it did.
pub async fn set_custom_codes(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    enabled: bool,
    by: Uuid,
    now: Millis,
) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE property SET custom_codes_enabled = ?, custom_codes_changed_at = ?, custom_codes_changed_by = ?, \
         version = version + 1 WHERE id = ? AND version = ?",
    )
    .bind(enabled)
    .bind(now)
    .bind(by)
    .bind(id)
    .bind(version)
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

impl PropertyRecord {
    /// The property with its counts and health at `now`.
    ///
    /// `app_is_ready` tells whether an app of that version may pick custom codes (R4).
    pub async fn describe(self, db: &mut Db, now: Millis, app_is_ready: impl Fn(&str) -> bool) -> Result<Property> {
        let counts = counts(db, self.id, now, app_is_ready).await?;
        let health = health(db, self.id).await?;
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

async fn counts(db: &mut Db, id: Uuid, now: Millis, app_is_ready: impl Fn(&str) -> bool) -> Result<PropertyCounts> {
    let (units, guest_codes_live): (u32, u32) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM unit WHERE property_id = ?1), \
         (SELECT count(*) FROM guest_code WHERE property_id = ?1 AND state = 'live')",
    )
    .bind(id)
    .fetch_one(&mut *db)
    .await?;
    // A group for each app version seen: few, however many residents there are.
    let groups: Vec<(Option<String>, Option<String>, u32)> = sqlx::query_as(
        "SELECT person.app_version, tenancy.code_origin, count(*) FROM tenancy \
         JOIN person ON person.id = tenancy.person_id \
         WHERE tenancy.property_id = ? AND tenancy.ended_at IS NULL AND tenancy.starts_at <= ? \
         GROUP BY person.app_version, tenancy.code_origin",
    )
    .bind(id)
    .bind(now)
    .fetch_all(db)
    .await?;
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

async fn health(db: &mut Db, id: Uuid) -> Result<PropertyHealth> {
    let hubs = doors::hubs(db, id).await?;
    let (total, locks_offline): (u32, u32) = sqlx::query_as(
        "SELECT count(*), coalesce(sum(NOT (lock.online AND hub.online)), 0) FROM lock JOIN hub ON hub.id = lock.hub_id \
         WHERE lock.property_id = ?",
    )
    .bind(id)
    .fetch_one(&mut *db)
    .await?;
    let open: Vec<OpenPlacement> = sqlx::query_as(
        "SELECT placement.code_id, placement.door_id, placement.state, placement.since, placement.reason, \
         door.name AS door_name, unit.name AS unit, code.holder = 'guest' AS guest, \
         coalesce(guest_code.guest_name, person.name, '') AS holder \
         FROM placement JOIN door ON door.id = placement.door_id JOIN code ON code.id = placement.code_id \
         LEFT JOIN unit ON unit.id = door.unit_id LEFT JOIN guest_code ON guest_code.id = code.id \
         LEFT JOIN tenancy ON tenancy.id = code.tenancy_id LEFT JOIN person ON person.id = tenancy.person_id \
         WHERE placement.property_id = ? AND placement.state NOT IN ('on_lock', 'removed') \
         AND (placement.wanted OR placement.state IN ('removing', 'removal_failed'))",
    )
    .bind(id)
    .fetch_all(db)
    .await?;
    let mut health = PropertyHealth { hubs, doors: total, locks_offline, ..PropertyHealth::default() };
    let mut unsettled: Vec<Uuid> = open.iter().map(|placement| placement.door_id).collect();
    unsettled.sort_unstable();
    unsettled.dedup();
    health.doors_in_order = total.saturating_sub(unsettled.len() as u32);
    let mut needs_you = Vec::new();
    for placement in open {
        let state = PlacementState::of_text(&placement.state)?;
        let status = state.status();
        match status {
            PlacementStatus::Failed => health.failed += 1,
            PlacementStatus::Waiting => health.waiting += 1,
            PlacementStatus::BeingRemoved => health.removals_unconfirmed += 1,
            _ => continue,
        }
        // A removal under way needs nobody; one that a lock refuses or can't hear does (R24).
        let stuck = state == PlacementState::RemovalFailed || placement.reason.is_some();
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

#[derive(FromRow)]
struct OpenPlacement {
    code_id: Uuid,
    door_id: Uuid,
    state: String,
    since: Millis,
    reason: Option<String>,
    door_name: String,
    unit: Option<String>,
    guest: bool,
    holder: String,
}
