//! Residents, as managers and support see them.

use std::collections::HashMap;

use api_types::Resident;
use ids::CodeId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::placements::{self, PlacementRecord};
use store::tenancies::TenancyRecord;
use store::{Db, Millis, Scope, codes, properties};

use super::code;
use super::time::instant;
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
    let mut residents = Vec::with_capacity(tenancies.len());
    for tenancy in tenancies {
        let Some(record) = records.iter().find(|record| Some(record.id) == tenancy.code_id) else { continue };
        let code = code::describe(record, by_code.get(&record.id).into_iter().flatten(), for_support);
        let move_out = last_day(db, &tenancy)?;
        residents.push(Resident {
            id: tenancy.id,
            name: tenancy.name,
            email: tenancy.email,
            unit: tenancy.unit,
            move_in: tenancy.move_in,
            move_out,
            ended_at: tenancy.ended_at.map(instant),
            code,
        });
    }
    Ok(residents)
}

/// The last day of a tenancy: the planned one, or an earlier one on which it was ended.
fn last_day(db: &Db, tenancy: &TenancyRecord) -> store::Result<Option<String>> {
    let Some(ended_at) = tenancy.ended_at else { return Ok(tenancy.move_out.clone()) };
    let property = properties::get(db, Scope::Everything, tenancy.property_id)?;
    let zone = property.and_then(|property| TimeZone::get(&property.time_zone).ok()).unwrap_or(TimeZone::UTC);
    let ended_on = local_day(ended_at, zone);
    Ok(tenancy.move_out.clone().into_iter().chain(ended_on).min())
}

fn local_day(at: Millis, zone: TimeZone) -> Option<String> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone).date().to_string())
}
