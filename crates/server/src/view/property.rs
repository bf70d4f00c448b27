//! Properties, with their counts and their health.

use access_code::AppVersion;
use api_types::{Changed, LiveGuestCodes, MaybeKnown, PlacementStatus, Property, PropertyCounts, ResidentApp};
use ids::PropertyId;
use store::properties::{self, PropertyRecord};
use store::{Db, Millis, summaries};

use super::health;
use super::time::instant;
use crate::auth::Authority;
use crate::domain::property::clock_time;

/// A property as it is at `now`, with what the person may see of it: whose codes need attention is for its managers and
/// support alone (R34).
///
/// # Errors
/// [`store::Error`].
pub fn describe_for(authority: &Authority, db: &Db, record: PropertyRecord, now: Millis) -> store::Result<Property> {
    let sees_codes = authority.sees_codes_of(record.id);
    let mut property = describe(db, record, now)?;
    if !sees_codes {
        property.health.needs_you.clear();
    }
    property.summary_for_me = summaries::is_wanted(db, authority.person_id, property.id)?;
    Ok(property)
}

/// A property as it is at `now`.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, record: PropertyRecord, now: Millis) -> store::Result<Property> {
    let set_up = super::setup::steps(db, &record)?.iter().all(|step| step.done);
    let changed = (record.custom_codes_changed_at, record.custom_codes_changed_by, record.custom_codes_changed_by_name);
    Ok(Property {
        set_up,
        counts: counts(db, record.id, now)?,
        health: health::describe(db, record.id)?,
        custom_codes_changed: match changed {
            (Some(at), Some(by_id), Some(by)) => Some(Changed { at: instant(at), by_id, by }),
            _ => None,
        },
        id: record.id,
        name: record.name,
        time_zone: record.time_zone,
        custom_codes_enabled: record.custom_codes_enabled,
        delivery_opens_unit_doors: record.delivery_opens_unit_doors,
        guest_codes_per_unit: record.guest_codes_per_unit,
        guest_code_lead_minutes: record.guest_code_lead_minutes,
        support_email: record.support_email,
        support_phone: record.support_phone,
        language: record.language.map(MaybeKnown::from),
        summary_at: record.summary_at.map(clock_time),
        summary_for_me: None,
    })
}

fn counts(db: &Db, id: PropertyId, now: Millis) -> store::Result<PropertyCounts> {
    let found = properties::counts(db, id, now)?;
    let mut counts = PropertyCounts { units: found.units, ..PropertyCounts::default() };
    for (status, codes) in found.guest_codes_live {
        counts.guest_codes_live += codes;
        *count_of(&mut counts.guest_codes, status) += codes;
    }
    for group in found.residents {
        counts.residents += group.residents;
        *match app_of(group.app_version.as_deref()) {
            ResidentApp::None => &mut counts.residents_without_app,
            ResidentApp::Ready => &mut counts.residents_app_ready,
            ResidentApp::TooOld => &mut counts.residents_app_too_old,
        } += group.residents;
        if group.custom {
            counts.custom_codes += group.residents;
        }
    }
    Ok(counts)
}

/// What a resident's app allows, by the version it was last seen with (R4): the one definition behind the counts and the
/// list.
pub fn app_of(version: Option<&str>) -> ResidentApp {
    match version.map(AppVersion::parse) {
        None => ResidentApp::None,
        Some(Some(version)) if version.allows_custom_codes() => ResidentApp::Ready,
        Some(_) => ResidentApp::TooOld,
    }
}

fn count_of(codes: &mut LiveGuestCodes, status: PlacementStatus) -> &mut u32 {
    match status {
        PlacementStatus::Working => &mut codes.working,
        PlacementStatus::Sending => &mut codes.sending,
        PlacementStatus::Waiting => &mut codes.waiting,
        PlacementStatus::Failed => &mut codes.failed,
        PlacementStatus::BeingRemoved => &mut codes.being_removed,
        PlacementStatus::Removed => &mut codes.removed,
    }
}
