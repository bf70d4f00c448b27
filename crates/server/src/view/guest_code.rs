//! Guest codes, without their digits.

use std::collections::HashMap;

use api_types::{GuestCode, PersonName};
use ids::{CodeId, GuestCodeId};
use store::guest_codes::GuestCodeRecord;
use store::placements::{self, PlacementRecord};

use super::placement;
use super::time::{instant, window};
use crate::domain::guest_code::{WINDOWS_SHOWN, find, schedule_of, timestamp};
use crate::domain::lookup::Lookup;
use crate::domain::{Done, Refusal};
use crate::extract::etag;

/// One guest code, if the authority may see it.
///
/// # Errors
/// `not_found` outside what they may see (R33); `record_unreadable` where it is damaged.
pub fn describe_one(lookup: &Lookup<'_>, id: GuestCodeId) -> Done<GuestCode> {
    let record = find(lookup, id)?.ok_or_else(Refusal::not_found)?;
    Ok(describe(lookup, vec![record])?.pop().ok_or_else(Refusal::unreadable)?)
}

/// The readable guest codes.
///
/// # Errors
/// [`store::Error`].
pub fn describe(lookup: &Lookup<'_>, records: Vec<GuestCodeRecord>) -> store::Result<Vec<GuestCode>> {
    let ids: Vec<CodeId> = records.iter().map(|record| record.id.code()).collect();
    let mut by_code: HashMap<CodeId, Vec<PlacementRecord>> = HashMap::new();
    for placement in placements::of_codes(lookup.db, &ids)? {
        by_code.entry(placement.code_id).or_default().push(placement);
    }
    let mut described = Vec::with_capacity(records.len());
    for record in &records {
        let placements = by_code.remove(&record.id.code()).unwrap_or_default();
        match described_with(lookup, record, &placements) {
            Ok(guest_code) => described.push(guest_code),
            // One damaged record must not hide all the others.
            Err(error) if error.is_single_record() => {
                tracing::error!(%error, id = %record.id, "a guest code was left out of a list");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(described)
}

fn described_with(
    lookup: &Lookup<'_>,
    guest: &GuestCodeRecord,
    placements: &[PlacementRecord],
) -> store::Result<GuestCode> {
    let Lookup { now, authority, .. } = *lookup;
    let schedule = schedule_of(guest)?;
    let next_windows = if guest.is_live_or_scheduled() {
        schedule.windows_from(timestamp(now)).take(WINDOWS_SHOWN).map(window).collect()
    } else {
        Vec::new()
    };
    if placements.is_empty() {
        // None was ever issued like this: its rows are damaged.
        return Err(store::Error::Unreadable("a guest code without doors".into()));
    }
    let own = authority.owns(guest.tenancy_id);
    Ok(GuestCode {
        id: guest.id,
        kind: guest.kind(),
        guest_name: guest.guest_name.clone(),
        reference: guest.reference.clone(),
        property_id: guest.property_id,
        time_zone: guest.time_zone.clone(),
        door_ids: placements.iter().map(|placement| placement.door_id).collect(),
        starts_at: guest.starts_at.map(instant),
        ends_at: guest.ends_at.map(instant),
        recurrence: guest.recurrence().cloned(),
        issued_by: PersonName { id: guest.issued_by, name: guest.issued_by_name.clone() },
        issued_at: instant(guest.issued_at),
        state: guest.state(),
        length: guest.length,
        next_windows,
        placements: placement::describe_begun(placements, authority.support),
        etag: etag(guest.version).to_str().unwrap_or_default().to_owned(),
        may_manage: own || authority.manages.contains(&guest.property_id),
    })
}
