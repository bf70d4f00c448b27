//! Residents, as managers and support see them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use api_types::{Placement, Resident};
use ids::{CodeId, PropertyId, TenancyId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::placements::{self, PlacementRecord, PlacementState};
use store::tenancies::TenancyRecord;
use store::{Db, Millis, Scope, codes, properties};

use super::time::instant;
use super::{code, placement};
use crate::domain::{Done, Refusal};

/// One tenancy with its code. One that hasn't begun has no code yet, and counts as not found.
///
/// # Errors
/// `not_found` without a code; `record_unreadable` where it is damaged.
pub fn describe_one(db: &Db, tenancy: TenancyRecord, for_support: bool) -> Done<Resident> {
    let has_code = tenancy.code_id.is_some();
    let resident = describe(db, vec![tenancy], for_support)?.pop();
    Ok(resident.ok_or_else(|| if has_code { Refusal::unreadable() } else { Refusal::not_found() })?)
}

/// The tenancies with their codes. One that hasn't begun has no code yet and is left out, as is one whose code can't be
/// read.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, tenancies: Vec<TenancyRecord>, for_support: bool) -> store::Result<Vec<Resident>> {
    let ids: Vec<CodeId> = tenancies.iter().filter_map(|tenancy| tenancy.code_id).collect();
    let records = codes::by_ids(db, &ids)?;
    let mut by_code: HashMap<CodeId, Vec<PlacementRecord>> = HashMap::new();
    for placement in placements::of_codes(db, &ids)? {
        by_code.entry(placement.code_id).or_default().push(placement);
    }
    let tenancy_ids: Vec<TenancyId> = tenancies.iter().map(|tenancy| tenancy.id).collect();
    let mut other_codes = other_codes(db, &tenancy_ids, for_support)?;
    let mut zones = HashMap::new();
    let mut residents = Vec::with_capacity(tenancies.len());
    for tenancy in tenancies {
        let Some(record) = records.iter().find(|record| Some(record.id) == tenancy.code_id) else { continue };
        let code = code::describe(record, by_code.get(&record.id).into_iter().flatten(), for_support);
        let move_out = match tenancy.ended_at {
            Some(ended_at) => last_day(tenancy.move_out, ended_at, zone_of(db, &mut zones, tenancy.property_id)?),
            None => tenancy.move_out,
        };
        residents.push(Resident {
            id: tenancy.id,
            name: tenancy.name,
            email: tenancy.email,
            unit: tenancy.unit,
            move_in: tenancy.move_in,
            move_out,
            ended_at: tenancy.ended_at.map(instant),
            code,
            other_codes: other_codes.remove(&tenancy.id).unwrap_or_default(),
            account: None,
            undelivered: None,
        });
    }
    Ok(residents)
}

/// What a lock may still hold of each tenancy besides its current or last code.
fn other_codes(
    db: &Db,
    tenancies: &[TenancyId],
    for_support: bool,
) -> store::Result<HashMap<TenancyId, Vec<Placement>>> {
    let mut by_tenancy: HashMap<TenancyId, Vec<Placement>> = HashMap::new();
    let others = codes::others_on_locks(db, tenancies)?;
    if others.is_empty() {
        return Ok(by_tenancy);
    }
    let ids: Vec<CodeId> = others.iter().map(|other| other.id).collect();
    let placements = placements::of_codes(db, &ids)?;
    for placement in placements.iter().filter(|it| it.has_begun() && it.state() != PlacementState::Removed) {
        let Some(other) = others.iter().find(|other| other.id == placement.code_id) else { continue };
        let described = placement::describe_one_of_several(placement, false, other.guest_name.clone(), for_support);
        by_tenancy.entry(other.tenancy_id).or_default().push(described);
    }
    Ok(by_tenancy)
}

/// The last day of a tenancy that has ended: the planned one, or an earlier one on which it was ended.
fn last_day(planned: Option<String>, ended_at: Millis, zone: &TimeZone) -> Option<String> {
    let ended_on = Timestamp::from_millisecond(ended_at).ok()?.to_zoned(zone.clone()).date().to_string();
    planned.into_iter().chain([ended_on]).min()
}

/// A property's zone, looked up once.
fn zone_of<'a>(
    db: &Db,
    known: &'a mut HashMap<PropertyId, TimeZone>,
    property: PropertyId,
) -> store::Result<&'a TimeZone> {
    Ok(match known.entry(property) {
        Entry::Occupied(found) => found.into_mut(),
        Entry::Vacant(vacant) => {
            let record = properties::get(db, Scope::Everything, property)?;
            let zone = record.and_then(|record| TimeZone::get(&record.time_zone).ok());
            vacant.insert(zone.unwrap_or(TimeZone::UTC))
        }
    })
}
