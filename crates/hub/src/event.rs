//! What hubs report without being asked.

use ids::LockId;

use crate::Slot;

/// Something that happened at a hub or one of its locks. Never holds digits (R32): locks name the slot that was used.
///
/// Events carry no time; whoever receives one asks the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubEvent {
    /// The hub answers again. A [`LockOnline`](Self::LockOnline) or [`LockOffline`](Self::LockOffline) for each of its
    /// locks follows, since nothing was heard from them in the meantime.
    HubOnline,
    /// The hub can't be reached; nothing is known of its locks until [`HubOnline`](Self::HubOnline).
    HubOffline,
    /// The hub has another lock, one less, or has found out what one can do.
    LocksChanged,
    /// The lock answers: time to send what is waiting for it (R28).
    LockOnline {
        /// The lock.
        lock: LockId,
    },
    /// The hub can't reach the lock.
    LockOffline {
        /// The lock.
        lock: LockId,
    },
    /// A code opened the lock at its keypad. A use while the lock or the hub is offline is never reported.
    CodeUsed {
        /// The lock.
        lock: LockId,
        /// The slot of the code.
        slot: Slot,
    },
    /// A slot's content was changed at the lock itself: somebody programmed or deleted a code at the keypad.
    SlotChanged {
        /// The lock.
        lock: LockId,
        /// The slot to check again.
        slot: Slot,
    },
    /// The lock reported its battery.
    BatteryLevel {
        /// The lock.
        lock: LockId,
        /// What is left, 0 to 100.
        percent: u8,
    },
}
