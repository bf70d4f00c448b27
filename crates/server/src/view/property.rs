//! Properties, with their counts, the health of their hubs and locks, and what needs attention.

use access_code::AppVersion;
use api_types::{Changed, NeedsYou, PlacementStatus, Property, PropertyCounts, PropertyHealth};
use store::placements::{self, OpenPlacement, PlacementState};
use store::properties::{self, PropertyRecord};
use store::{Db, Millis, doors};
use uuid::Uuid;

use super::time::instant;
use super::{hub, placement};

/// A property as it is at `now`.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, record: PropertyRecord, now: Millis) -> store::Result<Property> {
    let changed = (record.custom_codes_changed_at, record.custom_codes_changed_by, record.custom_codes_changed_by_name);
    Ok(Property {
        counts: counts(db, record.id, now)?,
        health: health(db, record.id)?,
        custom_codes_changed: match changed {
            (Some(at), Some(by_id), Some(by)) => Some(Changed { at: instant(at), by_id, by }),
            _ => None,
        },
        id: record.id,
        name: record.name,
        time_zone: record.time_zone,
        custom_codes_enabled: record.custom_codes_enabled,
        delivery_opens_unit_doors: record.delivery_opens_unit_doors,
    })
}

fn counts(db: &Db, id: Uuid, now: Millis) -> store::Result<PropertyCounts> {
    let found = properties::counts(db, id, now)?;
    let mut counts =
        PropertyCounts { units: found.units, guest_codes_live: found.guest_codes_live, ..PropertyCounts::default() };
    for group in found.residents {
        counts.residents += group.residents;
        // R4.
        match group.app_version.as_deref().map(AppVersion::parse) {
            None => counts.residents_without_app += group.residents,
            Some(Some(version)) if version.allows_custom_codes() => counts.residents_app_ready += group.residents,
            Some(_) => counts.residents_app_too_old += group.residents,
        }
        if group.custom {
            counts.custom_codes += group.residents;
        }
    }
    Ok(counts)
}

const MAX_NEEDS_YOU: usize = 20;

fn health(db: &Db, id: Uuid) -> store::Result<PropertyHealth> {
    let hubs = doors::hubs(db, id)?.into_iter().map(hub::describe).collect();
    let (total, locks_offline) = doors::count_locks(db, id)?;
    let open = placements::open_of_property(db, id)?;
    let mut health = PropertyHealth { hubs, doors: total, locks_offline, ..PropertyHealth::default() };
    let mut unsettled: Vec<Uuid> = open.iter().map(|placement| placement.door_id).collect();
    unsettled.sort_unstable();
    unsettled.dedup();
    health.doors_in_order = total.saturating_sub(unsettled.len() as u32);
    let mut needs_you = Vec::new();
    for placement in open {
        let status = placement.state().status();
        match status {
            PlacementStatus::Failed => health.failed += 1,
            PlacementStatus::Waiting => health.waiting += 1,
            PlacementStatus::BeingRemoved => health.removals_unconfirmed += 1,
            _ => continue,
        }
        // A removal under way needs no attention; one that a lock refuses or can't be told of does (R24).
        let stuck = placement.state() == PlacementState::RemovalFailed || placement.reason.is_some();
        if status != PlacementStatus::BeingRemoved || stuck {
            needs_you.push(placement);
        }
    }
    needs_you.sort_by_key(|placement| (urgency(placement.state().status()), placement.since));
    health.needs_you_total = needs_you.len() as u32;
    health.needs_you = needs_you.into_iter().take(MAX_NEEDS_YOU).map(needs_you_for).collect();
    Ok(health)
}

/// Worst first: a code that opens a door and shouldn't, then one that doesn't and should, then one that is waiting.
fn urgency(status: PlacementStatus) -> u8 {
    match status {
        PlacementStatus::BeingRemoved => 0,
        PlacementStatus::Failed => 1,
        _ => 2,
    }
}

fn needs_you_for(open: OpenPlacement) -> NeedsYou {
    let status = open.state().status();
    NeedsYou {
        next_step: placement::next_step(status, open.reason.as_deref()),
        status,
        door_id: open.door_id,
        door_name: open.door_name,
        unit: open.unit,
        code_id: open.code_id,
        guest: open.guest,
        holder: open.holder,
        reason: open.reason,
        since: instant(open.since),
    }
}
