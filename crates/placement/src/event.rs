//! What happens to a placement.

use api_types::{Evidence, PlacementReason};

/// What happens to a placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The lock should hold it from now on.
    Wanted,
    /// The lock should no longer hold it (R24).
    Unwanted,
    /// It should go for good: the door is none of the code's any more (R36).
    Dropped,
    /// The door is the code's again.
    GivenBack {
        /// Whether the lock should hold it now.
        wanted: bool,
    },
    /// An attempt to write it begins. The slot is reserved first, so that no other code takes it and a restart resumes.
    Began {
        /// The slot of its own that it goes to; `None` if it is to be written over the code that it replaces (R27).
        slot: Option<u16>,
    },
    /// The lock has it.
    Confirmed {
        /// In this slot.
        slot: u16,
        /// How we know.
        evidence: Evidence,
    },
    /// The attempt to write it failed.
    NotWritten {
        /// Why.
        failure: Failure,
        /// The slot that may hold it all the same.
        slot: Option<u16>,
    },
    /// The lock has no slot for it, though one will become free: other codes are being taken off.
    NoSlotYet,
    /// The slot meant for it holds a code that isn't ours, which is left alone.
    SlotOccupied,
    /// The lock confirmed that it is gone.
    TakenOff,
    /// The attempt to take it off failed.
    NotTakenOff {
        /// Why.
        failure: Failure,
    },
    /// Its lock is being left alone for a while, and wasn't asked.
    LeftAlone {
        /// What the lock or hub last said.
        failure: Failure,
        /// Until then.
        until: i64,
    },
    /// The record of its digits is damaged, so it can't be written.
    Unreadable,
    /// The door has a lock now (R35).
    Linked,
    /// The door has another lock since: no window puts it back on this one, and it goes when it is told so (R27).
    LeftBehind,
    /// It is off the lock for certain although nobody took it off: the code that replaces it was written over it (R27), or
    /// a person made sure that the lock is gone (R24).
    Gone,
    /// It was written over the code that it replaces, whatever is wanted by now.
    WrittenOver {
        /// That code's slot, now its own.
        slot: u16,
    },
    /// The code that replaces it is about to be written over it (R27). From then on nobody knows whether it is there, until
    /// one of the two is heard of.
    GivingWay,
    /// The lock won't have the code that was to be written over it, and holds it still.
    Kept,
    /// A slot of its lock has become free.
    SlotFreed,
    /// Its lock or hub answers again, or the lock has new batteries.
    Returned {
        /// Whether both do.
        reachable: bool,
    },
    /// Its lock or hub no longer answers.
    WentAway,
    /// Its lock can do something else than before.
    AbilitiesChanged,
    /// Somebody asks that it be tried again now.
    TryAgain,
    /// Its lock was asked, and holds it.
    SeenThere,
    /// Its lock was asked, and its slot is empty.
    Missing,
    /// Its lock was asked, and its slot holds another code, which isn't ours.
    Displaced,
}

/// Why a lock didn't do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The reason, by its stable name.
    pub reason: PlacementReason,
    /// What the protocol said, without digits (R32).
    pub protocol_error: String,
}

/// Kinds of failures (R28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The lock or its hub can't be reached.
    Offline,
    /// Trying the same again is pointless.
    Permanent,
    /// It may work the next time.
    Transient,
}
