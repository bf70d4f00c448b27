//! A guest code over time: its windows, its use and its end (R20, R22).

use api_types::{Action, GuestCodeKind, GuestCodeState, Said};
use guest_windows::Schedule;
use ids::{CodeId, GuestCodeId};
use jiff::Timestamp;
use store::guest_codes::{self, GuestCodeRecord, WindowState};
use store::placements::{self, PlacementRecord};
use store::{Db, Millis, Scope, Tx, codes};

use super::event::subject_event;
use super::schedule::{lead, schedule_of, state_at, timestamp, window_at};
use crate::domain::By;

/// Notes that a code opened a lock, which ends a delivery code at once: its removal goes before any other (R20). One that
/// opened a lock before its window began, because it was sent there early (R44), has been used like any other: it works once.
pub fn record_use(tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
    let Some(guest) = guest_codes::of_code(tx, placement.code_id)? else { return Ok(()) };
    if guest.kind() != GuestCodeKind::Delivery || !guest.is_live_or_scheduled() {
        return Ok(());
    }
    end(tx, guest.id, GuestCodeState::Used, now)?;
    placements::remove_first(tx, placement.code_id)?;
    let mut event = subject_event(tx, &By::system(), Action::GuestCodeUsed, guest.id)?;
    event.door_id = Some(placement.door_id);
    if guest.starts_at.is_some_and(|start| now < start) {
        let early = format!("{}, before its window began.", placement.door_name);
        event.say(Said::DoorBeforeWindow, [&placement.door_name], early);
    } else {
        event.say(Said::Door, [&placement.door_name], placement.door_name.clone());
    }
    tx.record(now, event)?;
    Ok(())
}

/// Whether a use of the code ends it: it is a delivery code that has not ended yet.
///
/// # Errors
/// [`store::Error`].
pub fn ends_on_use(db: &Db, code_id: CodeId) -> store::Result<bool> {
    let guest = guest_codes::of_code(db, code_id)?;
    Ok(guest.is_some_and(|guest| guest.kind() == GuestCodeKind::Delivery && guest.is_live_or_scheduled()))
}

/// Whether the code should be on its locks at `now`: a window is open, or opens soon (R44).
///
/// # Errors
/// [`store::Error`].
pub fn is_wanted(db: &Db, id: GuestCodeId, now: Millis) -> store::Result<bool> {
    let guest = guest_codes::get(db, Scope::Everything, id)?.filter(GuestCodeRecord::is_live_or_scheduled);
    let Some(guest) = guest else { return Ok(false) };
    Ok(schedule_of(&guest)?.is_wanted_at(timestamp(now), lead(guest.lead_minutes)))
}

/// Opens or closes a window that is due at `now`, or sends the code to its locks before one opens (R44). Returns whether
/// there was a code to do that for.
///
/// # Errors
/// [`store::Error::Unreadable`] for a code whose record is damaged, as there is then no telling when it may open a
/// door.
pub fn advance(tx: &Tx, id: GuestCodeId, now: Millis) -> store::Result<bool> {
    // Revoked in the meantime: there is nothing to open.
    let guest = guest_codes::get(tx, Scope::Everything, id)?.filter(GuestCodeRecord::is_live_or_scheduled);
    let Some(guest) = guest else { return Ok(false) };
    follow(tx, &guest, &schedule_of(&guest)?, now)?;
    Ok(true)
}

/// Makes of a code that hasn't ended what its schedule says at `now`: its state, what is wanted on its locks, and what is on
/// record of its windows. `guest` is as it was.
///
/// # Errors
/// [`store::Error`].
pub(super) fn follow(tx: &Tx, guest: &GuestCodeRecord, schedule: &Schedule, now: Millis) -> store::Result<()> {
    let at = timestamp(now);
    if schedule.is_over(at) {
        end(tx, guest.id, GuestCodeState::Expired, now)?;
        let event = subject_event(tx, &By::system(), Action::GuestCodeExpired, guest.id)?;
        tx.record(now, event)?;
        return Ok(());
    }
    let window = window_at(schedule, at, lead(guest.lead_minutes));
    let next = schedule.next_change(at).map(Timestamp::as_millisecond);
    guest_codes::set_state(tx, guest.id, state_at(schedule, at), window, next)?;
    placements::set_wanted(tx, guest.id.code(), window.is_wanted(), now)?;
    // That it is sent before it opens is no window's beginning; what the locks then say has events of its own.
    let action = match (guest.window(), window) {
        (WindowState::Open, WindowState::Open) => return Ok(()),
        (_, WindowState::Open) => Action::GuestCodeWindowOpened,
        (WindowState::Open, _) => Action::GuestCodeWindowClosed,
        _ => return Ok(()),
    };
    let event = subject_event(tx, &By::system(), action, guest.id)?;
    tx.record(now, event)?;
    Ok(())
}

/// Ends a code's life and takes it off its locks (R24).
fn end(tx: &Tx, id: GuestCodeId, state: GuestCodeState, now: Millis) -> store::Result<()> {
    guest_codes::set_state(tx, id, state, WindowState::Closed, None)?;
    codes::end(tx, id.code(), now)?;
    placements::set_wanted(tx, id.code(), false, now)
}
