//! Guest codes: issuing, previewing and revoking them, and keeping their time (R19–R24).

use access_code::{Code, Length};
use api_types::{
    CodeOrigin, DoorKind, FieldError, GuestCodePreview, GuestCodeRequest, GuestCodeState, Recurrence, Role, Subject,
    Window,
};
use api_types::{GuestCodeKind, Weekday};
use guest_windows::Schedule;
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use store::codes::{self, NewCode};
use store::doors::{self, DoorRecord};
use store::guest_codes::{self, GuestCodeRecord, NewGuestCode};
use store::placements::{self, PlacementRecord};
use store::{Db, Millis, Scope, Tx, properties};
use uuid::Uuid;

use super::deed::Deed;
use super::look::Look;
use super::placing::Locks;
use super::reveal::holds_a_code;
use super::{By, Done, Failure, Refusal, code_subject};
use crate::auth::authority::Authority;
use crate::view::time;

/// How many windows a preview shows (R22).
pub const WINDOWS_SHOWN: usize = 5;

/// A guest's name may be this long.
pub const GUEST_NAME_MOST: usize = 80;

/// A code may open this many doors.
pub const DOORS_MOST: usize = 50;

const REFUSED: &str = "guest_code.refused";

/// A request that is in order: what it asks for, in the property's zone.
struct Plan {
    property_id: Uuid,
    /// The issuing resident's.
    tenancy_id: Option<Uuid>,
    time_zone: String,
    doors: Vec<DoorRecord>,
    guest_name: String,
    schedule: Schedule,
    length: Length,
}

/// The next windows that a code so asked for would open; nothing is stored.
///
/// # Errors
/// As [`issue`]'s for the request itself; not recorded, since nothing was to be done.
pub fn preview(look: &Look<'_>, request: &GuestCodeRequest) -> Done<GuestCodePreview> {
    let plan = plan(look, request)?;
    let mut windows = plan.schedule.windows_from(timestamp(look.now));
    let shown: Vec<Window> = windows.by_ref().take(WINDOWS_SHOWN).map(time::window).collect();
    Ok(GuestCodePreview { more: windows.next().is_some(), windows: shown, time_zone: plan.time_zone })
}

/// Issues a guest code with random digits (R19) and answers its id with them, which are shown this once (R23).
///
/// # Errors
/// `not_found` for doors the issuer may not use (R21, R33), `invalid` field by field, `delivery_not_for_this_door`
/// (R20), `codes_exhausted` (R18); recorded.
pub fn issue(deed: &Deed<'_>, request: &GuestCodeRequest) -> Done<(Uuid, Code)> {
    let Deed { tx, now, .. } = *deed;
    let authority = deed.authority();
    if !authority.is_manager() && authority.tenancy.is_none() {
        return Err(Refusal::role().into());
    }
    let plan = match plan(&deed.look(), request) {
        Ok(plan) => plan,
        Err(failure) => return Err(refused(deed, failure)?),
    };
    let locks = Locks::look_at(tx, plan.doors)?;
    let code = match locks.random_code(tx, plan.length) {
        Ok(code) => code,
        Err(failure) => return Err(refused(deed, failure)?),
    };
    let new = NewCode {
        property_id: plan.property_id,
        tenancy_id: plan.tenancy_id,
        guest: true,
        origin: CodeOrigin::Random,
        code: &code,
    };
    let code_id = codes::insert(tx, &new, now)?;
    let at = timestamp(now);
    let state = state_at(&plan.schedule, at);
    let guest = NewGuestCode {
        code_id,
        property_id: plan.property_id,
        tenancy_id: plan.tenancy_id,
        kind: request.kind,
        guest_name: &plan.guest_name,
        starts_at: Some(plan.schedule.first_start().as_millisecond()),
        ends_at: plan.schedule.last_end().map(Timestamp::as_millisecond),
        recurrence: request.recurrence.as_ref(),
        issued_by: deed.person_id(),
        state,
        next_change_at: plan.schedule.next_change(at).map(Timestamp::as_millisecond),
    };
    guest_codes::insert(tx, &guest, now)?;
    let open = plan.schedule.open_at(at).is_some();
    locks.place(tx, code_id, &code, open, &[], now)?;
    codes::refresh_status(tx, code_id)?;
    let mut event = subject_event(tx, &deed.acting_as(issuing_role(authority)), "guest_code.issued", code_id)?;
    event.door_id = locks.doors().first().map(|door| door.id);
    event.detail = {
        let doors: Vec<&str> = locks.doors().iter().map(|door| door.name.as_str()).collect();
        format!("{}, {} digits: {}.", kind_name(request.kind), plan.length.digits(), doors.join(", "))
    };
    tx.record(now, event)?;
    Ok((code_id, code))
}

/// Records that somebody asked for a guest code with digits of their own (R19).
pub fn refuse_own_digits(deed: &Deed<'_>, field: &str) -> Done<()> {
    let detail = "Guest codes are always random: send no digits of your own.";
    let refusal = Refusal {
        errors: Refusal::invalid(field, "guest_codes_are_random", detail).errors,
        ..Refusal::new("guest_codes_are_random", detail)
    };
    Err(refused(deed, refusal.into())?)
}

/// Revokes a guest code (R24). One that is over already stays as it is, and that is no error.
///
/// # Errors
/// `not_found` outside the caller's scope (R33).
pub fn revoke(deed: &Deed<'_>, id: Uuid) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    // Also one whose record is damaged can be revoked: nothing but whose it is has to be read for that.
    let mut in_scope = false;
    for scope in deed.authority().scopes() {
        in_scope |= guest_codes::exists(tx, scope, id)?;
    }
    let holder = codes::holder(tx, id)?.filter(|_| in_scope).ok_or_else(Refusal::not_found)?;
    let by = deed.acting_as(deed.authority().role_towards(holder.tenancy_id));
    let mut event = subject_event(tx, &by, "guest_code.revoked", id)?;
    if !guest_codes::end_if_live(tx, id, GuestCodeState::Revoked)? {
        event.detail = "Was over already.".into();
    }
    codes::end(tx, id, now)?;
    placements::want(tx, id, false, now)?;
    tx.record(now, event)?;
    Ok(())
}

/// A guest code that they may manage.
pub fn find(look: &Look<'_>, id: Uuid) -> store::Result<Option<GuestCodeRecord>> {
    for scope in look.authority.scopes() {
        if let Some(guest) = guest_codes::get(look.db, scope, id)? {
            return Ok(Some(guest));
        }
    }
    Ok(None)
}

/// A code opened a lock. A delivery code has done its work with that (R20).
pub fn used(tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
    let Some(guest) = guest_codes::get(tx, Scope::Everything, placement.code_id)? else { return Ok(()) };
    if guest.kind() != GuestCodeKind::Delivery || !guest.is_live_or_scheduled() {
        return Ok(());
    }
    end(tx, guest.id, GuestCodeState::Used, now)?;
    let mut event = subject_event(tx, &By::system(), "guest_code.used", guest.id)?;
    event.door_id = Some(placement.door_id);
    event.detail = placement.door_name.clone();
    tx.record(now, event)?;
    Ok(())
}

/// Is it over with its first use, which is due now?
///
/// # Errors
/// [`store::Error`].
pub fn is_used_up_by_use(db: &Db, id: Uuid) -> store::Result<bool> {
    let guest = guest_codes::get(db, Scope::Everything, id)?;
    Ok(guest.is_some_and(|guest| guest.kind() == GuestCodeKind::Delivery && guest.is_live_or_scheduled()))
}

/// Is it to open nothing at `now`, though it may be on its locks?
///
/// # Errors
/// [`store::Error`].
pub fn is_closed(db: &Db, id: Uuid, now: Millis) -> store::Result<bool> {
    let Some(guest) = guest_codes::get(db, Scope::Everything, id)? else { return Ok(false) };
    Ok(!guest.is_live_or_scheduled() || schedule_of(&guest)?.open_at(timestamp(now)).is_none())
}

/// Opens or closes a window that is due at `now`. Answers whether there was one to open or to close.
///
/// # Errors
/// [`store::Error::Unreadable`] for a code whose record is damaged: nobody can say then when it may open.
pub fn keep_time(tx: &Tx, id: Uuid, now: Millis) -> store::Result<bool> {
    // Revoked meanwhile: there is nothing to open.
    let guest = guest_codes::get(tx, Scope::Everything, id)?.filter(GuestCodeRecord::is_live_or_scheduled);
    let Some(guest) = guest else { return Ok(false) };
    let schedule = schedule_of(&guest)?;
    let at = timestamp(now);
    if schedule.is_over(at) {
        end(tx, guest.id, GuestCodeState::Expired, now)?;
        let event = subject_event(tx, &By::system(), "guest_code.expired", guest.id)?;
        tx.record(now, event)?;
        return Ok(true);
    }
    let next = schedule.next_change(at).map(Timestamp::as_millisecond);
    guest_codes::set_state(tx, guest.id, state_at(&schedule, at), next)?;
    let open = schedule.open_at(at).is_some();
    placements::want(tx, guest.id, open, now)?;
    let action = if open { "guest_code.window_opened" } else { "guest_code.window_closed" };
    let event = subject_event(tx, &By::system(), action, guest.id)?;
    tx.record(now, event)?;
    Ok(true)
}

/// Revokes a guest code whose issuer has no right to it any more (R24), whatever else its record says.
///
/// # Errors
/// [`store::Error`].
pub(super) fn lose(tx: &Tx, by: &By, id: Uuid, why: &str, now: Millis) -> store::Result<()> {
    guest_codes::end_if_live(tx, id, GuestCodeState::Revoked)?;
    codes::end(tx, id, now)?;
    placements::want(tx, id, false, now)?;
    let mut event = subject_event(tx, by, "guest_code.revoked", id)?;
    event.detail = why.to_owned();
    tx.record(now, event)?;
    Ok(())
}

/// Ends a code's life and takes it off its locks (R24).
fn end(tx: &Tx, id: Uuid, state: GuestCodeState, now: Millis) -> store::Result<()> {
    guest_codes::set_state(tx, id, state, None)?;
    codes::end(tx, id, now)?;
    placements::want(tx, id, false, now)
}

fn plan(look: &Look<'_>, request: &GuestCodeRequest) -> Done<Plan> {
    let Look { db, now, authority } = *look;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: &str, detail: &str| {
        errors.push(FieldError { field: field.into(), code: code.into(), detail: detail.into() });
    };
    let guest_name = request.guest_name.trim().to_owned();
    if guest_name.is_empty() {
        wrong("guest_name", "required", "Say whom the code is for.");
    } else if guest_name.chars().count() > GUEST_NAME_MOST {
        wrong("guest_name", "too_long", "At most 80 characters.");
    } else if holds_a_code(&guest_name) {
        // It goes into the record, and a number in it might be a code or a phone (R32).
        wrong("guest_name", "holds_digits", "A name can't hold a row of four or more digits.");
    }
    let length = Length::from_digits(usize::from(request.length.unwrap_or(6)));
    if length.is_none() {
        wrong("length", "wrong_length", "A code has 4 or 6 digits.");
    }
    let mut door_ids = request.door_ids.clone();
    door_ids.sort_unstable();
    door_ids.dedup();
    if door_ids.is_empty() {
        wrong("door_ids", "required", "Choose at least one door.");
    } else if door_ids.len() > DOORS_MOST {
        wrong("door_ids", "too_many", "At most 50 doors.");
    }
    if !errors.is_empty() {
        // A door can't be looked up without these, and the times not without a door's zone.
        return Err(invalid(errors).into());
    }
    let length = length.ok_or_else(Refusal::not_found)?;
    let (doors, tenancy_id) = doors_for(db, authority, &door_ids)?;
    let property_id = doors[0].property_id;
    if doors.iter().any(|door| door.property_id != property_id) {
        return Err(Refusal::invalid("door_ids", "several_properties", "All doors must be of one property.").into());
    }
    let property = properties::get(db, Scope::Everything, property_id)?.ok_or_else(Refusal::not_found)?;
    if request.kind == GuestCodeKind::Delivery {
        let allowed = |door: &DoorRecord| match door.kind() {
            DoorKind::Property => true,
            DoorKind::Unit => property.delivery_opens_unit_doors,
            DoorKind::Amenity => false,
        };
        if let Some(door) = doors.iter().find(|door| !allowed(door)) {
            let detail = format!("Delivery codes don't open {}. Choose a property door.", door.name);
            let errors = Refusal::invalid("door_ids", "delivery_not_for_this_door", detail.clone()).errors;
            return Err(Refusal { errors, ..Refusal::new("delivery_not_for_this_door", detail) }.into());
        }
    }
    let zone = TimeZone::get(&property.time_zone)
        .map_err(|_| store::Error::Unreadable(format!("the time zone {}", property.time_zone)))?;
    let schedule = schedule(request, zone, timestamp(now)).map_err(invalid)?;
    if schedule.is_over(timestamp(now)) {
        let field = if request.kind == GuestCodeKind::Recurring { "recurrence.last_day" } else { "ends_at" };
        return Err(Refusal::invalid(field, "in_the_past", "This is over already.").into());
    }
    Ok(Plan { property_id, tenancy_id, time_zone: property.time_zone, doors, guest_name, schedule, length })
}

/// The doors, if the issuer may use every one of them (R21): as a resident of their unit, or else as a manager.
fn doors_for(db: &Db, authority: &Authority, ids: &[Uuid]) -> Done<(Vec<DoorRecord>, Option<Uuid>)> {
    if let Some(tenancy) = authority.tenancy {
        let mut doors = doors::for_guests_of_unit(db, tenancy.unit_id)?;
        doors.retain(|door| ids.contains(&door.id));
        if doors.len() == ids.len() {
            return Ok((doors, Some(tenancy.id)));
        }
    }
    if let Some(managed) = authority.manager_scope() {
        let doors = doors::by_ids(db, managed, ids)?;
        if doors.len() == ids.len() {
            return Ok((doors, None));
        }
    }
    Err(Refusal::not_found().into())
}

/// The schedule that a request asks for, or what is wrong with it, field by field.
fn schedule(request: &GuestCodeRequest, zone: TimeZone, now: Timestamp) -> Result<Schedule, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: &str, detail: &str| {
        errors.push(FieldError { field: field.into(), code: code.into(), detail: detail.into() });
    };
    let mut instant = |field: &str, value: &Option<api_types::Instant>| -> Option<Timestamp> {
        let text = value.as_ref()?;
        let parsed = text.as_str().parse::<Timestamp>().ok();
        // Whole milliseconds are kept, and years that can be printed.
        let parsed = parsed.and_then(|at| Timestamp::from_millisecond(at.as_millisecond()).ok());
        if parsed.is_none() {
            wrong(field, "not_an_instant", "Send a time like 2026-11-03T16:00:00Z.");
        }
        parsed
    };
    let starts_at = instant("starts_at", &request.starts_at);
    let ends_at = instant("ends_at", &request.ends_at);
    let (takes_start, takes_end, takes_recurrence) = match request.kind {
        GuestCodeKind::Temporary => (true, true, false),
        GuestCodeKind::Recurring => (false, false, true),
        GuestCodeKind::Delivery | GuestCodeKind::Permanent => (true, false, false),
    };
    let unwanted = "This kind of code doesn't take it.";
    for (given, takes, field) in [
        (request.starts_at.is_some(), takes_start, "starts_at"),
        (request.ends_at.is_some(), takes_end, "ends_at"),
        (request.recurrence.is_some(), takes_recurrence, "recurrence"),
    ] {
        if given && !takes {
            wrong(field, "not_for_this_kind", unwanted);
        }
    }
    let required = "This kind of code needs it.";
    if request.kind == GuestCodeKind::Temporary {
        if request.starts_at.is_none() {
            wrong("starts_at", "required", required);
        }
        if request.ends_at.is_none() {
            wrong("ends_at", "required", required);
        }
    }
    if takes_recurrence && request.recurrence.is_none() {
        wrong("recurrence", "required", required);
    }
    let recurrence = match (&request.recurrence, takes_recurrence) {
        (Some(recurrence), true) => parse_recurrence(recurrence, &mut wrong),
        _ => None,
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let made = match (request.kind, starts_at, ends_at, recurrence) {
        (GuestCodeKind::Temporary, Some(starts_at), Some(ends_at), _) => Schedule::temporary(starts_at, ends_at),
        (GuestCodeKind::Recurring, _, _, Some(recurrence)) => Schedule::recurring(recurrence, zone),
        (GuestCodeKind::Delivery, starts_at, _, _) => Schedule::delivery(starts_at.unwrap_or(now)),
        (_, starts_at, _, _) => Ok(Schedule::permanent(starts_at.unwrap_or(now))),
    };
    made.map_err(|error| {
        vec![FieldError { field: error.field().into(), code: error.code().into(), detail: error.to_string() }]
    })
}

fn parse_recurrence(
    recurrence: &Recurrence,
    wrong: &mut impl FnMut(&str, &str, &str),
) -> Option<guest_windows::Recurrence> {
    let mut time = |field: &str, text: &str| {
        // Exactly HH:MM: what people choose, and no more than that can be shown again.
        let parsed = (text.len() == 5).then(|| civil::Time::strptime("%H:%M", text).ok()).flatten();
        if parsed.is_none() {
            wrong(field, "not_a_time", "Send a time of day like 09:00.");
        }
        parsed
    };
    let from = time("recurrence.from", &recurrence.from);
    let to = time("recurrence.to", &recurrence.to);
    let mut date = |field: &str, text: &str| {
        let parsed = (text.len() == 10).then(|| text.parse::<civil::Date>().ok()).flatten();
        if parsed.is_none() {
            wrong(field, "not_a_date", "Send a date like 2026-11-03.");
        }
        parsed
    };
    let first_day = date("recurrence.first_day", &recurrence.first_day);
    let last_day = date("recurrence.last_day", &recurrence.last_day);
    Some(guest_windows::Recurrence {
        weekdays: recurrence.weekdays.iter().copied().map(weekday).collect(),
        from: from?,
        to: to?,
        first_day: first_day?,
        last_day: last_day?,
    })
}

/// The schedule of a guest code that was issued.
pub(crate) fn schedule_of(guest: &GuestCodeRecord) -> store::Result<Schedule> {
    let broken = |_: guest_windows::ScheduleError| store::Error::Unreadable("the times of a guest code".into());
    let start = guest.starts_at.unwrap_or(guest.issued_at);
    match guest.kind() {
        GuestCodeKind::Temporary => {
            Schedule::temporary(timestamp(start), timestamp(guest.ends_at.unwrap_or(start))).map_err(broken)
        }
        GuestCodeKind::Delivery => Schedule::delivery(timestamp(start)).map_err(broken),
        GuestCodeKind::Permanent => Ok(Schedule::permanent(timestamp(start))),
        GuestCodeKind::Recurring => {
            let zone = TimeZone::get(&guest.time_zone)
                .map_err(|_| store::Error::Unreadable(format!("the time zone {}", guest.time_zone)))?;
            let recurrence = guest.recurrence().and_then(|wire| parse_recurrence(wire, &mut |_, _, _| {}));
            let recurrence = recurrence.ok_or_else(|| store::Error::Unreadable("a recurrence".into()))?;
            Schedule::recurring(recurrence, zone).map_err(broken)
        }
    }
}

pub(super) fn state_at(schedule: &Schedule, at: Timestamp) -> GuestCodeState {
    if schedule.is_over(at) {
        GuestCodeState::Expired
    } else if schedule.first_start() > at {
        GuestCodeState::Scheduled
    } else {
        GuestCodeState::Live
    }
}

/// Residents issue as residents, whatever else they are.
fn issuing_role(authority: &Authority) -> Role {
    if authority.tenancy.is_some() { Role::Resident } else { Role::Manager }
}

fn refused(deed: &Deed<'_>, failure: Failure) -> store::Result<Failure> {
    let Failure::Refused(refusal) = failure else { return Ok(failure) };
    let subject = Subject { kind: "guest_code".into(), id: None, name: String::new() };
    let authority = deed.authority();
    let mut event = deed.acting_as(issuing_role(authority)).event(REFUSED, subject);
    // So that the managers of the resident's property see it. What a manager asked for names no property to be sure of.
    event.property_id = authority.tenancy.map(|tenancy| tenancy.property_id);
    event.resident_id = authority.tenancy.map(|tenancy| tenancy.id);
    // Which fields, by their codes: what was typed into them is not for the record.
    event.detail =
        refusal.errors.iter().map(|error| format!("{}: {}", error.field, error.code)).collect::<Vec<_>>().join(", ");
    refusal.record(deed.tx, deed.now, event)
}

pub(super) fn subject_event(
    db: &Db,
    by: &By,
    action: &'static str,
    code_id: Uuid,
) -> store::Result<store::audit::NewEvent> {
    let holder = codes::holder(db, code_id)?;
    let holder = holder.ok_or_else(|| store::Error::Unreadable("a guest code without its code".into()))?;
    let mut event = by.event(action, code_subject(&holder));
    event.property_id = Some(holder.property_id);
    event.resident_id = holder.tenancy_id;
    Ok(event)
}

fn invalid(errors: Vec<FieldError>) -> Refusal {
    let detail = errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" ");
    Refusal { errors, ..Refusal::new("invalid", detail) }
}

fn kind_name(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => "Temporary",
        GuestCodeKind::Recurring => "Recurring",
        GuestCodeKind::Delivery => "Delivery",
        GuestCodeKind::Permanent => "Permanent",
    }
}

fn weekday(day: Weekday) -> civil::Weekday {
    match day {
        Weekday::Mon => civil::Weekday::Monday,
        Weekday::Tue => civil::Weekday::Tuesday,
        Weekday::Wed => civil::Weekday::Wednesday,
        Weekday::Thu => civil::Weekday::Thursday,
        Weekday::Fri => civil::Weekday::Friday,
        Weekday::Sat => civil::Weekday::Saturday,
        Weekday::Sun => civil::Weekday::Sunday,
    }
}

pub(crate) fn timestamp(millis: Millis) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("milliseconds from a clock or from a parsed time")
}
