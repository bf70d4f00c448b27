//! Moving the windows of a guest code that was issued; its digits stay (R43).

use api_types::{
    Action, FieldCode, GuestCodeEdit, GuestCodeKind, GuestCodePreview, GuestCodeState, ProblemCode, Recurrence, Said,
};
use guest_windows::Schedule;
use ids::GuestCodeId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::audit::NewEvent;
use store::codes;
use store::guest_codes::{self, ChangedGuestCode, GuestCodeRecord};

use super::event::subject_event;
use super::find::find;
use super::preview::windows_of;
use super::request::{MAX_REFERENCE, Times, invalid, schedule};
use super::schedule::{schedule_of, timestamp};
use super::time::follow;
use crate::domain::deed::Deed;
use crate::domain::lookup::Lookup;
use crate::domain::reveal::{opened, readable};
use crate::domain::{By, Done, Failure, Refusal, digits};
use crate::text::{Line, Unfit};
use crate::view::time::{given, instant};

/// Changes what is given, provided that the person has read the current version: the end of a guest code, its start while
/// that hasn't come, days and hours of a recurring one, and the reference. Its digits stay, and its locks are told only
/// what changes for them now: a code that ends later is sent to no lock, one that has ended leaves them at once.
///
/// # Errors
/// `not_found` for a code that isn't theirs to manage (R33); `stale` when somebody changed it since; `code_ended`;
/// `guest_code_begun` for moving the start of one that has begun; `invalid`, field by field. All but the first are recorded,
/// and then nothing is changed.
pub fn change(deed: &Deed<'_>, id: GuestCodeId, has_read: impl Fn(i64) -> bool, edit: &GuestCodeEdit) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let lookup = deed.lookup();
    let guest = find(&lookup, id)?.ok_or_else(Refusal::not_found)?;
    let by = deed.acting_towards(guest.tenancy_id);
    if !has_read(guest.version) {
        let stale = Refusal::new(ProblemCode::Stale, "Someone changed this guest code since you opened it.");
        return Err(refused(deed, &by, id, stale.into())?);
    }
    if *edit == GuestCodeEdit::default() {
        let nothing = Refusal::new(ProblemCode::Invalid, "Say what to change.");
        return Err(refused(deed, &by, id, nothing.into())?);
    }
    let moved = match moved(&lookup, &guest, edit) {
        Ok(moved) => moved,
        Err(failure) => return Err(refused(deed, &by, id, failure)?),
    };
    let reference = match &edit.reference {
        Some(text) => reference(deed, &by, &guest, text)?,
        None => guest.reference.clone(),
    };
    let changed = ChangedGuestCode {
        starts_at: Some(moved.schedule.first_start().as_millisecond()),
        ends_at: moved.schedule.last_end().map(Timestamp::as_millisecond),
        recurrence: moved.recurrence.as_ref(),
        reference: reference.as_deref(),
    };
    guest_codes::change(tx, id, &changed)?;
    let mut event = subject_event(tx, &by, Action::GuestCodeChanged, id)?;
    say(&mut event, &guest, &moved)?;
    tx.record(now, event)?;
    Ok(follow(tx, &guest, &moved.schedule, now)?)
}

/// The next windows of a guest code if it were changed like this; nothing is stored.
///
/// # Errors
/// As [`change`], except for the reference; not recorded, since nothing was to be done.
pub fn preview_change(lookup: &Lookup<'_>, id: GuestCodeId, edit: &GuestCodeEdit) -> Done<GuestCodePreview> {
    let guest = find(lookup, id)?.ok_or_else(Refusal::not_found)?;
    let moved = moved(lookup, &guest, edit)?;
    Ok(windows_of(&moved.schedule, lookup.now, guest.time_zone))
}

/// When a guest code opens its doors once it is changed.
struct Moved {
    schedule: Schedule,
    recurrence: Option<Recurrence>,
}

fn moved(lookup: &Lookup<'_>, guest: &GuestCodeRecord, edit: &GuestCodeEdit) -> Done<Moved> {
    let now = timestamp(lookup.now);
    let before = schedule_of(guest)?;
    // By the clock too: the workers may not have got to it yet.
    if !guest.is_live_or_scheduled() || before.is_over(now) {
        let detail = "This code was used or revoked, or has expired. Issue another one.";
        return Err(Refusal::new(ProblemCode::CodeEnded, detail).into());
    }
    let has_begun = guest.state() == GuestCodeState::Live || before.first_start() <= now;
    if has_begun && moves_start(guest, edit) {
        let detail =
            "This code has begun, so its start can’t be moved. Move its end, or revoke it and issue another one.";
        return Err(Refusal::new(ProblemCode::GuestCodeBegun, detail).into());
    }
    let kind = guest.kind();
    let has_start = kind != GuestCodeKind::Recurring;
    let start = has_start.then(|| instant(guest.starts_at.unwrap_or(guest.issued_at)));
    let end = guest.ends_at.filter(|_| kind == GuestCodeKind::Temporary).map(instant);
    let recurrence = edit.recurrence.as_ref().or(guest.recurrence());
    let times = Times {
        kind,
        starts_at: edit.starts_at.as_ref().or(start.as_ref()),
        ends_at: edit.ends_at.as_ref().or(end.as_ref()),
        recurrence,
    };
    let zone = TimeZone::get(&guest.time_zone)
        .map_err(|_| store::Error::Unreadable(format!("the time zone {}", guest.time_zone)))?;
    let schedule = schedule(&times, zone, now).map_err(invalid)?;
    // One that has begun may be ended at once; one that hasn't would never have opened anything.
    if !has_begun && schedule.is_over(now) {
        let field = if kind == GuestCodeKind::Recurring { "recurrence.last_day" } else { "ends_at" };
        return Err(Refusal::invalid(field, FieldCode::InThePast, "This is already over.").into());
    }
    Ok(Moved { schedule, recurrence: recurrence.cloned() })
}

/// Whether the start would be another one. What can't be read is wrong for another reason.
fn moves_start(guest: &GuestCodeRecord, edit: &GuestCodeEdit) -> bool {
    let start = edit.starts_at.as_ref().and_then(|at| given(at.as_str()).ok());
    let moves = start.is_some_and(|start| Some(start.as_millisecond()) != guest.starts_at);
    let day = |recurrence: &Recurrence| recurrence.first_day.clone();
    let first_day = edit.recurrence.as_ref().map(day);
    moves && guest.kind() != GuestCodeKind::Recurring
        || first_day.is_some() && guest.recurrence().is_some() && first_day != guest.recurrence().map(day)
}

/// The reference, if it is fit to be one and doesn't hold the very digits of the code (R45); `None` for an empty one. What is
/// wrong with it is recorded.
fn reference(deed: &Deed<'_>, by: &By, guest: &GuestCodeRecord, text: &str) -> Done<Option<String>> {
    let Deed { tx, now, .. } = *deed;
    let line = match Line::parse(text, MAX_REFERENCE) {
        Ok(line) => line,
        Err(Unfit::Empty) => return Ok(None),
        Err(unfit) => return Err(refused(deed, by, guest.id, Refusal::unfit("reference", unfit).into())?),
    };
    let holder = codes::holder(tx, guest.id.code())?.ok_or_else(Refusal::not_found)?;
    let event = subject_event(tx, by, Action::GuestCodeChanged, guest.id)?;
    let record = readable(tx, &holder, now)?.ok_or_else(Refusal::unreadable)?;
    if digits::are_in(&line, &opened(tx, &record, &event, now)?) {
        let refusal = Refusal::invalid("reference", FieldCode::HoldsDigits, "Leave out the code’s own digits.");
        return Err(refused(deed, by, guest.id, refusal.into())?);
    }
    Ok(Some(line.to_string()))
}

fn refused(deed: &Deed<'_>, by: &By, id: GuestCodeId, failure: Failure) -> store::Result<Failure> {
    let Failure::Refused(refusal) = failure else { return Ok(failure) };
    let mut event = subject_event(deed.tx, by, Action::GuestCodeChanged, id)?;
    // Which fields, by their codes: what was typed into them is kept out of the audit log.
    event.detail =
        refusal.errors.iter().map(|error| format!("{}: {}", error.field, error.code)).collect::<Vec<_>>().join(", ");
    refusal.record(deed.tx, deed.now, event)
}

/// Says when it opened its doors before, and when it does now.
fn say(event: &mut NewEvent, guest: &GuestCodeRecord, moved: &Moved) -> store::Result<()> {
    let before = schedule_of(guest)?;
    if before == moved.schedule {
        event.say(Said::Reference, [], "The reference.");
        return Ok(());
    }
    if let (Some(was), Some(is)) = (guest.recurrence(), &moved.recurrence) {
        let (is, was) = (hours(is), hours(was));
        let words = |[days, from, to, first, last]: &[String; 5]| format!("{days} {from} to {to}, {first} to {last}");
        let detail = format!("{}. Was {}.", words(&is), words(&was));
        let values: [&str; 10] = std::array::from_fn(|at| is.iter().chain(&was).nth(at).map_or("", String::as_str));
        event.say(Said::HoursMoved, values, detail);
        return Ok(());
    }
    let text = |at: Timestamp| instant(at.as_millisecond()).0;
    let ends = |schedule: &Schedule| [text(schedule.first_start()), schedule.last_end().map(text).unwrap_or_default()];
    let ([start, end], [old_start, old_end]) = (ends(&moved.schedule), ends(&before));
    let words = |start: &str, end: &str| match end {
        "" => format!("{start} until revoked"),
        end => format!("{start} to {end}"),
    };
    let detail = format!("{}. Was {}.", words(&start, &end), words(&old_start, &old_end));
    event.say(Said::TimesMoved, [&start, &end, &old_start, &old_end], detail);
    Ok(())
}

/// A recurrence as values of an event: the weekdays, the hours, the first and the last day.
fn hours(recurrence: &Recurrence) -> [String; 5] {
    let days: Vec<&str> = recurrence.weekdays.iter().map(|day| day.name()).collect();
    let Recurrence { from, to, first_day, last_day, .. } = recurrence;
    [days.join(","), from.clone(), to.clone(), first_day.clone(), last_day.clone()]
}
