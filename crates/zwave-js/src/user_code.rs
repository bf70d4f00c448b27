//! Old locks, which have the command class *User Code*: a slot is a number and what it holds.
//!
//! They are asked directly and not through the hub's `access_control`: that answers the same whether a slot is empty, or the
//! lock was not heard, or refused.

use access_code::Code;
use hub::{Accepted, LockError, Slot};

use crate::asking::{AtHub, Reading};
use crate::shared::CallError;
use crate::wire::{Supervised, UserCode, command_class::USER_CODE};

// The states of a slot.
const AVAILABLE: u8 = 0;
const ENABLED: u8 = 1;
/// The lock has no such slot.
const NOT_AVAILABLE: u8 = 0xfe;

// What a supervised lock says.
const WORKING: u8 = 1;
const SUCCESS: u8 = 0xff;

/// What some locks show in place of digits.
const MASK: char = '*';

pub(crate) async fn write(at: AtHub<'_>, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
    // Shows that the lock can be reached, so that what becomes of the next message is known.
    if read(at, slot).await?.holds(code) {
        return Ok(Accepted::ByLock);
    }
    let duplicates = at.shared.duplicates(at.node);
    let set = at.invoke::<Supervised>(USER_CODE, "set", (slot.number(), ENABLED, code.expose())).await;
    match set.map_err(CallError::for_change)?.map(|supervised| supervised.status) {
        Some(SUCCESS) => return Ok(Accepted::ByLock),
        Some(WORKING) => return Ok(Accepted::ByHub),
        // It refused, or says nothing by itself: it may hold the code, though.
        Some(_) | None => {}
    }
    let held = slot_of(at, slot).await.map_err(|_| LockError::TimedOut)?;
    let refused = at.shared.duplicates(at.node) != duplicates;
    let shown = held.user_code.text().unwrap_or_default();
    let masked = !shown.is_empty() && shown.chars().all(|c| c == MASK);
    if held.user_id_status == ENABLED && (shown == code.expose() || (masked && !refused)) {
        Ok(Accepted::ByLock)
    } else if refused {
        Err(LockError::DuplicateOnLock)
    } else {
        Err(LockError::rejected("the lock did not take the code"))
    }
}

pub(crate) async fn remove(at: AtHub<'_>, slot: Slot) -> Result<(), LockError> {
    // Without a number it would clear all of them.
    let cleared = at.invoke::<Supervised>(USER_CODE, "clear", [slot.number()]).await;
    if cleared.map_err(CallError::for_lock)?.is_some_and(|supervised| supervised.status == SUCCESS) {
        return Ok(());
    }
    match read(at, slot).await? {
        Reading::Empty => Ok(()),
        _ => Err(LockError::rejected("the lock did not remove the code")),
    }
}

pub(crate) async fn read(at: AtHub<'_>, slot: Slot) -> Result<Reading, LockError> {
    let held = slot_of(at, slot).await?;
    Ok(match held.user_id_status {
        AVAILABLE | NOT_AVAILABLE => Reading::Empty,
        ENABLED => Reading::of(&held.user_code),
        _ => Reading::SwitchedOff,
    })
}

async fn slot_of(at: AtHub<'_>, slot: Slot) -> Result<UserCode, LockError> {
    let answer = at.invoke(USER_CODE, "get", [slot.number()]).await;
    answer.map_err(CallError::for_lock)?.ok_or(LockError::TimedOut)
}
