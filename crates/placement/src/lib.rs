//! The life of a placement: one code on one lock (R24, R25, R27, R28).
//!
//! [`Placement::after`] is the whole of it: what was, and what happened, make what is, when to try next, and what else
//! follows. It is a function without a database, a clock, a lock or chance. `store` keeps placements and applies what
//! this function says in the transaction in which something happens; the server's workers ask the locks and tell it what
//! came of it. What isn't said here doesn't happen to a placement.
//!
//! ```text
//!              wanted                began               confirmed
//!  (new) ──────────────► pending ──────────► writing ───────────────────► on_lock ◄─────────┐
//!                         │  ▲  ▲             │                             │   │           │ confirmed
//!            not written: │  │  │ returned    │ not written: transient      │   │ missing,  │
//!  permanent, or tries    │  │  └──────────┐  └──────────► pending          │   │ or taken  │
//!  are used up            ▼  │ slot freed  │                                │   ▼           │
//!                       failed          waiting_offline ◄── not written:    │  drifted ─────┘
//!                                                           offline         │
//!                                                                           │ unwanted
//!                          unwanted, and never on the lock                  ▼
//!  any of the above ────────────────────────────────────────► removed ◄── removing ──► removal_failed
//!                                                                ▲  taken off     tries are used up │
//!                                                                └──────────────────────────────────┘
//! ```
//!
//! What always holds, whatever the order of events:
//! - a slot is free only when the lock confirmed that it is, so a placement that may be on the lock has a slot, or may
//!   be in that of the placement that it replaces;
//! - a code that is on its lock and wanted keeps its slot;
//! - nothing is *removed* that may still open the door;
//! - what failed for good isn't tried again until something changes (R28).

mod event;
mod life;
mod state;
mod step;

pub use event::{Event, Failure, Kind};
pub use state::State;
pub use step::{Action, Due, News, Step};

use api_types::{Evidence, MaybeKnown, PlacementReason};

/// After this many attempts a placement is shown as failed, or a removal as an incident, though it is still tried.
pub const TRIES_BEFORE_FAILED: u32 = 5;

/// When a lock has lost a code this often in a row, always after it was confirmed, the code isn't written again until
/// something changes or somebody asks for it: a lock that forgets isn't worn out with writing.
pub const DRIFTS_BEFORE_FAILED: u32 = 3;

/// One code on one lock: what should be, and what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Whether the lock should hold it now.
    pub wanted: bool,
    /// Whether the door is none of the code's any more, so that no window puts it back (R36).
    pub dropped: bool,
    /// Whether the door has a lock that a hub drives (R35).
    pub linked: bool,
    /// What is (R25).
    pub state: State,
    /// The slot that the lock may hold it in, or that is reserved for it.
    pub slot: Option<u16>,
    /// Whether the lock may hold it in the slot of the code that it replaces: writing it there was begun, and neither of the
    /// two has been heard of since ([`Event::GivingWay`]).
    pub may_be_over: bool,
    /// Whether there is something to be done at the lock.
    pub due: bool,
    /// Attempts since what is wanted last changed.
    pub attempts: u32,
    /// How often the lock lost it since it was last seen there some time after it was written.
    pub drifts: u32,
    /// Why it isn't as it should be.
    pub reason: Option<MaybeKnown<PlacementReason>>,
    /// How we know that it is on the lock.
    pub evidence: Option<MaybeKnown<Evidence>>,
    /// What the lock's protocol said, without digits (R32).
    pub protocol_error: Option<String>,
}

impl Placement {
    /// A code that is to be put on a lock, now or (`wanted` is `false`) later.
    pub fn added(wanted: bool, linked: bool) -> Step {
        let before = Self {
            wanted: false,
            dropped: false,
            linked,
            state: State::Pending,
            slot: None,
            may_be_over: false,
            due: false,
            attempts: 0,
            drifts: 0,
            reason: None,
            evidence: None,
            protocol_error: None,
        };
        if wanted { before.after(Event::Wanted) } else { Step::unchanged(before) }
    }
}
