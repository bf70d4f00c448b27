//! The health of a property's hubs and locks, and what needs attention: every number here counts what a list shows.

use std::collections::BTreeSet;

use api_types::{
    DoorState, LOW_BATTERY_PERCENT, MaybeKnown, Need, NeedCause, NeedCodes, NeedOf, NeedsYou, PlacementReason,
    PlacementStatus, PropertyHealth,
};
use ids::{DoorId, HubId, PropertyId};
use store::doors::{self, DoorPresence, HubRecord};
use store::placements::{self, OpenPlacement, PlacementState};
use store::{Db, Millis};
use uuid::Uuid;

use super::time::instant;
use super::{door, hub, placement};

const MAX_NEEDS_YOU: usize = 20;

/// A property's health.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, property: PropertyId) -> store::Result<PropertyHealth> {
    let hubs = doors::hubs(db, property)?;
    let doors = doors::presence_of_property(db, property)?;
    let open = placements::open_of_property(db, property)?;
    let in_state = |state| {
        let reachable = |door: &DoorPresence| door.hub_online && door.lock_online;
        number(doors.iter().filter(|it| door::state(reachable(it), it.unsettled) == state).count())
    };
    let with_status = |status| number(open.iter().filter(|placement| placement.state().status() == status).count());
    let mut health = PropertyHealth {
        doors: number(doors.len()),
        doors_in_order: in_state(DoorState::Working),
        locks_offline: in_state(DoorState::Offline),
        doors_unsettled: in_state(DoorState::Unsettled),
        waiting: with_status(PlacementStatus::Waiting),
        failed: with_status(PlacementStatus::Failed),
        removals_unconfirmed: with_status(PlacementStatus::BeingRemoved),
        ..PropertyHealth::default()
    };
    health.needs = needs(&hubs, &doors, &open);
    health.hubs = hubs
        .into_iter()
        .map(|record| {
            let count = doors_of(&doors, record.id);
            hub::describe(record, count)
        })
        .collect();
    let mut codes: Vec<OpenPlacement> = open.into_iter().filter(|placement| cause(placement).is_some()).collect();
    codes.sort_by_key(|placement| (urgency(placement.state().status()), whose(placement).0, placement.since));
    health.needs_you_total = number(codes.len());
    health.needs_you = codes.into_iter().take(MAX_NEEDS_YOU).map(needs_you).collect();
    Ok(health)
}

fn doors_of(doors: &[DoorPresence], hub: HubId) -> u32 {
    number(doors.iter().filter(|door| door.hub_id == hub).count())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Worst first: a code that opens a door and shouldn't, then one that doesn't and should, then one that is waiting.
fn urgency(status: PlacementStatus) -> u8 {
    match status {
        PlacementStatus::BeingRemoved => 0,
        PlacementStatus::Failed => 1,
        _ => 2,
    }
}

/// A cause, and what tells it from others of its kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Hub(HubId),
    /// By its door.
    Lock(DoorId),
    Failed(MaybeKnown<PlacementReason>),
    NotRemoved(MaybeKnown<PlacementReason>),
}

/// Why a placement needs attention; `None` if it doesn't: it is about to change by itself.
fn cause(open: &OpenPlacement) -> Option<Cause> {
    let status = open.state().status();
    match status {
        // Not for want of a connection.
        PlacementStatus::Failed => Some(Cause::Failed(open.reason_or_other())),
        PlacementStatus::Waiting | PlacementStatus::BeingRemoved if !open.hub_online => Some(Cause::Hub(open.hub_id)),
        PlacementStatus::Waiting | PlacementStatus::BeingRemoved if !open.lock_online => {
            Some(Cause::Lock(open.door_id))
        }
        // A removal under way needs no attention; one that a lock refuses does (R24).
        PlacementStatus::BeingRemoved => {
            let stuck = open.state() == PlacementState::RemovalFailed || open.reason_now().is_some();
            stuck.then(|| Cause::NotRemoved(open.reason_or_other()))
        }
        _ => None,
    }
}

/// What needs attention, grouped by cause, worst first.
fn needs(hubs: &[HubRecord], doors: &[DoorPresence], open: &[OpenPlacement]) -> Vec<Need> {
    let hubs_offline = hubs.iter().filter(|hub| !hub.online).map(|hub| Cause::Hub(hub.id));
    let locks_offline = doors.iter().filter(|door| door.hub_online && !door.lock_online);
    let mut causes: BTreeSet<Cause> = hubs_offline.chain(locks_offline.map(|door| Cause::Lock(door.id))).collect();
    causes.extend(open.iter().filter_map(cause));
    let mut needs: Vec<(u8, Need)> = causes
        .into_iter()
        .map(|each| {
            let concerned: Vec<&OpenPlacement> =
                open.iter().filter(|open| cause(open).as_ref() == Some(&each)).collect();
            let worst = concerned.iter().map(|open| urgency(open.state().status())).min().unwrap_or(u8::MAX);
            (worst, need(each, &concerned, hubs, doors))
        })
        .collect();
    needs.extend(needs_of_locks(doors));
    needs.sort_by(|(one, a), (other, b)| {
        (one, a.cause, &a.name, &a.since.0).cmp(&(other, b.cause, &b.name, &b.since.0))
    });
    needs.into_iter().map(|(_, need)| need).collect()
}

/// What locks need besides codes: what nobody knows to be on them, and batteries.
fn needs_of_locks(doors: &[DoorPresence]) -> impl Iterator<Item = (u8, Need)> {
    let unknown = doors.iter().filter_map(|door| door.unknown_codes_since);
    let low = doors.iter().filter(|door| door.battery_percent.is_some_and(|percent| percent <= LOW_BATTERY_PERCENT));
    let low = low.map(|door| door.battery_since.unwrap_or(door.lock_since));
    // Whoever knows such a code gets in, and shouldn't for all that is known here.
    let unknown = (urgency(PlacementStatus::Failed), NeedCause::UnknownCodes, unknown.collect::<Vec<_>>());
    let low = (u8::MAX, NeedCause::BatteryLow, low.collect());
    [unknown, low].into_iter().filter_map(|(urgency, cause, since)| {
        let first = since.iter().min()?;
        let need = Need {
            cause,
            hub_id: None,
            door_id: None,
            name: None,
            reason: None,
            since: instant(*first),
            doors: number(since.len()),
            codes: Vec::new(),
        };
        Some((urgency, need))
    })
}

fn need(cause: Cause, concerned: &[&OpenPlacement], hubs: &[HubRecord], doors: &[DoorPresence]) -> Need {
    let first = concerned.iter().map(|open| open.since).min().unwrap_or_default();
    let of_doors = concerned.iter().map(|open| open.door_id).collect::<BTreeSet<_>>().len();
    let mut need = Need {
        cause: NeedCause::Failed,
        hub_id: None,
        door_id: None,
        name: None,
        reason: None,
        since: instant(first),
        doors: number(of_doors),
        codes: codes(concerned),
    };
    match cause {
        Cause::Hub(id) => {
            need.cause = NeedCause::HubOffline;
            need.hub_id = Some(id);
            need.doors = doors_of(doors, id);
            if let Some(hub) = hubs.iter().find(|hub| hub.id == id) {
                (need.name, need.since) = (Some(hub.name.clone()), instant(hub.since));
            }
        }
        Cause::Lock(id) => {
            need.cause = NeedCause::LockOffline;
            need.door_id = Some(id);
            need.doors = 1;
            if let Some(door) = doors.iter().find(|door| door.id == id) {
                (need.name, need.since) = (Some(door.name.clone()), instant(door.lock_since));
            }
        }
        Cause::Failed(reason) => (need.cause, need.reason) = (NeedCause::Failed, Some(reason)),
        Cause::NotRemoved(reason) => (need.cause, need.reason) = (NeedCause::NotRemoved, Some(reason)),
    }
    need
}

/// Whose code it is, and what is counted: the tenancy of a resident's code, or the guest code.
fn whose(open: &OpenPlacement) -> (NeedOf, Uuid) {
    match open.tenancy_id {
        Some(id) if open.former => (NeedOf::FormerResident, id.uuid()),
        Some(id) => (NeedOf::Resident, id.uuid()),
        None => (NeedOf::Guest, open.code_id.uuid()),
    }
}

/// How many residents and guest codes, each counted once for a status.
fn codes(concerned: &[&OpenPlacement]) -> Vec<NeedCodes> {
    // Of tenancies or of guest codes, as beside them.
    let mut found: BTreeSet<(u8, NeedOf, Uuid)> = BTreeSet::new();
    for open in concerned {
        let (of, id) = whose(open);
        found.insert((urgency(open.state().status()), of, id));
    }
    let mut counted: Vec<NeedCodes> = Vec::new();
    for (urgency, of, _) in found {
        let status = match urgency {
            0 => PlacementStatus::BeingRemoved,
            1 => PlacementStatus::Failed,
            _ => PlacementStatus::Waiting,
        };
        match counted.last_mut() {
            Some(last) if last.status == status && last.of == of => last.count += 1,
            _ => counted.push(NeedCodes { status, of, count: 1 }),
        }
    }
    counted
}

fn needs_you(open: OpenPlacement) -> NeedsYou {
    let status = open.state().status();
    let since: Millis = match status {
        PlacementStatus::Waiting => open.lock_offline_since.unwrap_or(open.since),
        _ => open.since,
    };
    NeedsYou {
        next_step: placement::next_step(status, open.reason_now().as_ref()),
        reason: open.reason_now(),
        status,
        door_id: open.door_id,
        door_name: open.door_name,
        unit: open.unit,
        code_id: open.code_id,
        guest: open.guest,
        holder: open.holder,
        resident_id: open.tenancy_id,
        former: open.former,
        previous: open.previous,
        since: instant(since),
    }
}
