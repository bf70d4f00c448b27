//! A guest code over time: its windows, its use and its end (R20, R22).

use api_types::{Action, GuestCodeKind, GuestCodeState, Said};
use ids::{CodeId, GuestCodeId};
use jiff::Timestamp;
use store::guest_codes::{self, GuestCodeRecord};
use store::placements::{self, PlacementRecord};
use store::{Db, Millis, Scope, Tx, codes};

use super::event::subject_event;
use super::schedule::{schedule_of, state_at, timestamp};
use crate::domain::By;

/// Notes that a code opened a lock, which ends a delivery code at once: its removal goes before any other (R20).
pub fn record_use(tx: &Tx, placement: &PlacementRecord, now: Millis) -> store::Result<()> {
    let Some(guest) = guest_codes::of_code(tx, placement.code_id)? else { return Ok(()) };
    if guest.kind() != GuestCodeKind::Delivery || !guest.is_live_or_scheduled() {
        return Ok(());
    }
    end(tx, guest.id, GuestCodeState::Used, now)?;
    placements::remove_first(tx, placement.code_id)?;
    let mut event = subject_event(tx, &By::system(), Action::GuestCodeUsed, guest.id)?;
    event.door_id = Some(placement.door_id);
    event.say(Said::Door, [&placement.door_name], placement.door_name.clone());
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

/// Whether the code must not open anything at `now`, though it may be on its locks. That of a resident has no windows to
/// be closed by.
///
/// # Errors
/// [`store::Error`].
pub fn is_closed(db: &Db, code_id: CodeId, now: Millis) -> store::Result<bool> {
    let Some(guest) = guest_codes::of_code(db, code_id)? else { return Ok(false) };
    Ok(!guest.is_live_or_scheduled() || schedule_of(&guest)?.open_at(timestamp(now)).is_none())
}

/// Opens or closes a window that is due at `now`. Returns whether there was one.
///
/// # Errors
/// [`store::Error::Unreadable`] for a code whose record is damaged, as there is then no telling when it may open a
/// door.
pub fn advance(tx: &Tx, id: GuestCodeId, now: Millis) -> store::Result<bool> {
    // Revoked in the meantime: there is nothing to open.
    let guest = guest_codes::get(tx, Scope::Everything, id)?.filter(GuestCodeRecord::is_live_or_scheduled);
    let Some(guest) = guest else { return Ok(false) };
    let schedule = schedule_of(&guest)?;
    let at = timestamp(now);
    if schedule.is_over(at) {
        end(tx, guest.id, GuestCodeState::Expired, now)?;
        let event = subject_event(tx, &By::system(), Action::GuestCodeExpired, guest.id)?;
        tx.record(now, event)?;
        return Ok(true);
    }
    let next = schedule.next_change(at).map(Timestamp::as_millisecond);
    guest_codes::set_state(tx, guest.id, state_at(&schedule, at), next)?;
    let open = schedule.open_at(at).is_some();
    placements::set_wanted(tx, guest.id.code(), open, now)?;
    let action = if open { Action::GuestCodeWindowOpened } else { Action::GuestCodeWindowClosed };
    let event = subject_event(tx, &By::system(), action, guest.id)?;
    tx.record(now, event)?;
    Ok(true)
}

/// Ends a code's life and takes it off its locks (R24).
fn end(tx: &Tx, id: GuestCodeId, state: GuestCodeState, now: Millis) -> store::Result<()> {
    guest_codes::set_state(tx, id, state, None)?;
    codes::end(tx, id.code(), now)?;
    placements::set_wanted(tx, id.code(), false, now)
}
