//! Recording codes on locks that aren't ours.

use api_types::{Action, Said, Subject, SubjectKind};
use hub::Slot;
use ids::{DoorId, LockId, PropertyId};
use store::audit::NewEvent;
use store::unknown_codes::{self, UnknownCode, UnknownState};
use store::{Millis, Tx, doors};

use crate::domain::By;

/// Notes that a slot holds a code which isn't ours, and records that if it is news.
pub(super) fn note_found(tx: &Tx, lock_id: LockId, slot: Slot, now: Millis) -> store::Result<()> {
    if !unknown_codes::found(tx, lock_id, slot.number(), now)? {
        return Ok(());
    }
    let Some((property_id, door_id, name)) = doors::lock_name(tx, lock_id)? else { return Ok(()) };
    record(tx, Action::LockUnknownCodeFound, (property_id, door_id, name), slot.number(), now)
}

/// Notes that a slot holds nothing that isn't ours any more, and records that if it was known to.
pub(super) fn note_gone(tx: &Tx, unknown: &UnknownCode, now: Millis) -> store::Result<()> {
    let door = (unknown.property_id, unknown.door_id, unknown.door_name.clone());
    let action = match unknown_codes::gone(tx, unknown.lock_id, unknown.slot)? {
        Some(UnknownState::Found) => Action::LockUnknownCodeGone,
        Some(UnknownState::Clearing) => {
            tx.because_of(unknown.cause);
            Action::LockUnknownCodeCleared
        }
        Some(UnknownState::Suspected) | None => return Ok(()),
    };
    record(tx, action, door, unknown.slot, now)
}

fn record(
    tx: &Tx,
    action: Action,
    (property_id, door_id, name): (PropertyId, DoorId, String),
    slot: u16,
    now: Millis,
) -> store::Result<()> {
    let subject = Subject { kind: SubjectKind::Door.into(), id: Some(door_id.uuid()), name };
    let mut event =
        NewEvent { property_id: Some(property_id), door_id: Some(door_id), ..By::system().event(action, subject) };
    let slot = slot.to_string();
    event.say(Said::Slot, [&slot], format!("Slot {slot}."));
    tx.record(now, event)?;
    Ok(())
}
