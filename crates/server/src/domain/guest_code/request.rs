//! Checking what is asked for: the doors, the times, the name (R20–R22).

use access_code::Length;
use api_types::{DoorKind, FieldCode, FieldError, GuestCodeKind, GuestCodeRequest, Instant, ProblemCode, Recurrence};
use guest_windows::{Schedule, ScheduleError};
use ids::{DoorId, PropertyId, TenancyId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::doors::{self, DoorRecord};
use store::{Db, Scope, properties};

use super::schedule::{parse_recurrence, timestamp};
use crate::auth::authority::Authority;
use crate::domain::lookup::Lookup;
use crate::domain::{Done, Refusal};
use crate::text::{Line, Unfit};
use crate::view::time;

/// The longest guest name.
pub const MAX_GUEST_NAME: usize = 80;

/// The longest reference (R45).
pub const MAX_REFERENCE: usize = 64;

/// The most doors a code may open.
pub const MAX_DOORS: usize = 50;

/// A valid request: what it asks for, in the property's zone.
pub(super) struct Plan {
    pub(super) property_id: PropertyId,
    /// The tenancy of the issuing resident.
    pub(super) tenancy_id: Option<TenancyId>,
    pub(super) time_zone: String,
    /// How many guest codes the residents of a unit may have.
    pub(super) guest_codes_per_unit: u32,
    /// How long before a window begins codes may be sent to locks, in minutes (R44).
    pub(super) lead_minutes: u32,
    pub(super) doors: Vec<DoorRecord>,
    pub(super) guest_name: Line,
    pub(super) reference: Option<Line>,
    pub(super) schedule: Schedule,
    pub(super) length: Length,
}

impl Plan {
    /// What is said about the code: its digits must not be in it (R45).
    pub(super) fn in_words(&self) -> Vec<&str> {
        [Some(&self.guest_name), self.reference.as_ref()].into_iter().flatten().map(|line| &**line).collect()
    }
}

/// Checks a request and turns it into a plan.
pub(super) fn plan(lookup: &Lookup<'_>, request: &GuestCodeRequest) -> Done<Plan> {
    let Lookup { db, now, authority } = *lookup;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: FieldCode, detail: &str| {
        errors.push(FieldError { field: field.into(), code: code.into(), detail: detail.into() });
    };
    let guest_name = Line::parse(&request.guest_name, MAX_GUEST_NAME);
    match guest_name {
        Ok(_) => {}
        Err(Unfit::Empty) => wrong("guest_name", FieldCode::Required, "Say who the code is for."),
        Err(unfit) => wrong("guest_name", unfit.code(), &unfit.to_string()),
    }
    // An empty one is none.
    let reference = request.reference.as_deref().map(|reference| Line::parse(reference, MAX_REFERENCE));
    let reference = match reference {
        None | Some(Err(Unfit::Empty)) => None,
        Some(Ok(reference)) => Some(reference),
        Some(Err(unfit)) => {
            wrong("reference", unfit.code(), &unfit.to_string());
            None
        }
    };
    let length = Length::from_digits(usize::from(request.length.unwrap_or(6)));
    if length.is_none() {
        wrong("length", FieldCode::WrongLength, "A code has 4 or 6 digits.");
    }
    let mut door_ids = request.door_ids.clone();
    door_ids.sort_unstable();
    door_ids.dedup();
    if door_ids.is_empty() {
        wrong("door_ids", FieldCode::Required, "Choose at least one door.");
    } else if door_ids.len() > MAX_DOORS {
        wrong("door_ids", FieldCode::TooMany, "Choose at most 50 doors.");
    }
    if !errors.is_empty() {
        // Doors can't be looked up without these, and times can't be checked without a door's zone.
        return Err(invalid(errors).into());
    }
    let length = length.ok_or_else(Refusal::not_found)?;
    let guest_name = guest_name.map_err(|_| Refusal::not_found())?;
    let (doors, tenancy_id) = doors_for(db, authority, &door_ids)?;
    let property_id = doors[0].property_id;
    if doors.iter().any(|door| door.property_id != property_id) {
        return Err(Refusal::invalid(
            "door_ids",
            FieldCode::SeveralProperties,
            "All doors must belong to one property.",
        )
        .into());
    }
    let property = properties::get(db, Scope::Everything, property_id)?.ok_or_else(Refusal::not_found)?;
    if request.kind == GuestCodeKind::Delivery {
        let allowed = |door: &DoorRecord| match door.kind() {
            DoorKind::Property => true,
            DoorKind::Unit => property.delivery_opens_unit_doors,
            DoorKind::Amenity => false,
        };
        if let Some(door) = doors.iter().find(|door| !allowed(door)) {
            let detail = format!("Delivery codes don’t open {}. Choose a property door.", door.name);
            let errors = Refusal::invalid("door_ids", FieldCode::DeliveryNotForThisDoor, detail.clone()).errors;
            return Err(Refusal { errors, ..Refusal::new(ProblemCode::DeliveryNotForThisDoor, detail) }.into());
        }
    }
    let zone = TimeZone::get(&property.time_zone)
        .map_err(|_| store::Error::Unreadable(format!("the time zone {}", property.time_zone)))?;
    let schedule = schedule(&Times::of(request), zone, timestamp(now)).map_err(invalid)?;
    if schedule.is_over(timestamp(now)) {
        let field = if request.kind == GuestCodeKind::Recurring { "recurrence.last_day" } else { "ends_at" };
        return Err(Refusal::invalid(field, FieldCode::InThePast, "This is already over.").into());
    }
    let (guest_codes_per_unit, lead_minutes) = (property.guest_codes_per_unit, property.guest_code_lead_minutes);
    Ok(Plan {
        property_id,
        tenancy_id,
        time_zone: property.time_zone,
        guest_codes_per_unit,
        lead_minutes,
        doors,
        guest_name,
        reference,
        schedule,
        length,
    })
}

/// The doors, if the issuer may use every one of them (R21): as a resident of their unit, or else as a manager.
fn doors_for(db: &Db, authority: &Authority, ids: &[DoorId]) -> Done<(Vec<DoorRecord>, Option<TenancyId>)> {
    for tenancy in &authority.tenancies {
        let mut doors = doors::for_guests_of_unit(db, tenancy.unit_id)?;
        doors.retain(|door| ids.contains(&door.id));
        if doors.len() == ids.len() {
            return Ok((doors, Some(tenancy.id)));
        }
    }
    if let Some(managed) = authority.manager_scope() {
        let mut doors = doors::by_ids(db, managed, ids)?;
        doors.retain(|door| door.retired_at.is_none());
        if doors.len() == ids.len() {
            return Ok((doors, None));
        }
    }
    Err(Refusal::not_found().into())
}

/// The times that somebody asks for.
pub(super) struct Times<'a> {
    pub(super) kind: GuestCodeKind,
    pub(super) starts_at: Option<&'a Instant>,
    pub(super) ends_at: Option<&'a Instant>,
    pub(super) recurrence: Option<&'a Recurrence>,
}

impl<'a> Times<'a> {
    fn of(request: &'a GuestCodeRequest) -> Self {
        let GuestCodeRequest { kind, starts_at, ends_at, recurrence, .. } = request;
        Self { kind: *kind, starts_at: starts_at.as_ref(), ends_at: ends_at.as_ref(), recurrence: recurrence.as_ref() }
    }
}

/// The schedule that follows from those times, or what is wrong with them, field by field.
pub(super) fn schedule(asked: &Times<'_>, zone: TimeZone, now: Timestamp) -> Result<Schedule, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: FieldCode, detail: &str| {
        errors.push(FieldError { field: field.into(), code: code.into(), detail: detail.into() });
    };
    let mut instant = |field: &str, value: Option<&Instant>| -> Option<Timestamp> {
        let text = value?;
        time::given(text.as_str()).map_err(|wrong_with| wrong(field, wrong_with.code(), wrong_with.detail())).ok()
    };
    let starts_at = instant("starts_at", asked.starts_at);
    let ends_at = instant("ends_at", asked.ends_at);
    let (takes_start, takes_end, takes_recurrence) = match asked.kind {
        GuestCodeKind::Temporary => (true, true, false),
        GuestCodeKind::Recurring => (false, false, true),
        GuestCodeKind::Delivery | GuestCodeKind::Permanent => (true, false, false),
    };
    let unwanted = "This kind of code doesn’t have one.";
    for (given, takes, field) in [
        (asked.starts_at.is_some(), takes_start, "starts_at"),
        (asked.ends_at.is_some(), takes_end, "ends_at"),
        (asked.recurrence.is_some(), takes_recurrence, "recurrence"),
    ] {
        if given && !takes {
            wrong(field, FieldCode::NotForThisKind, unwanted);
        }
    }
    let required = "This kind of code needs one.";
    if asked.kind == GuestCodeKind::Temporary {
        if asked.starts_at.is_none() {
            wrong("starts_at", FieldCode::Required, required);
        }
        if asked.ends_at.is_none() {
            wrong("ends_at", FieldCode::Required, required);
        }
    }
    if takes_recurrence && asked.recurrence.is_none() {
        wrong("recurrence", FieldCode::Required, required);
    }
    let recurrence = match (asked.recurrence, takes_recurrence) {
        (Some(recurrence), true) => parse_recurrence(recurrence, &mut wrong),
        _ => None,
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let made = match (asked.kind, starts_at, ends_at, recurrence) {
        (GuestCodeKind::Temporary, Some(starts_at), Some(ends_at), _) => Schedule::temporary(starts_at, ends_at),
        (GuestCodeKind::Recurring, _, _, Some(recurrence)) => Schedule::recurring(recurrence, zone),
        (GuestCodeKind::Delivery, starts_at, _, _) => Schedule::delivery(starts_at.unwrap_or(now)),
        (_, starts_at, _, _) => Ok(Schedule::permanent(starts_at.unwrap_or(now))),
    };
    made.map_err(|error| {
        vec![FieldError { field: error.field().into(), code: schedule_code(error).into(), detail: error.to_string() }]
    })
}

pub(super) fn invalid(errors: Vec<FieldError>) -> Refusal {
    let detail = errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" ");
    Refusal { errors, ..Refusal::new(ProblemCode::Invalid, detail) }
}

/// What is wrong with a schedule, as the code of a field.
fn schedule_code(error: ScheduleError) -> FieldCode {
    match error {
        ScheduleError::EndNotAfterStart => FieldCode::EndNotAfterStart,
        ScheduleError::WindowTooLong | ScheduleError::RangeTooLong => FieldCode::WindowTooLong,
        ScheduleError::NoWeekdays => FieldCode::NoWeekdays,
        ScheduleError::LastDayBeforeFirstDay => FieldCode::LastDayBeforeFirstDay,
        ScheduleError::NoWindows => FieldCode::NoWindows,
        ScheduleError::StartOutOfRange | ScheduleError::DaysOutOfRange => FieldCode::OutOfRange,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r20_schedules_and_the_api_name_an_error_alike() {
        for error in ScheduleError::ALL {
            assert_eq!(schedule_code(error).name(), error.code());
        }
    }
}
