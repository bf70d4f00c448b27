//! What follows from something that happened to a placement.

use crate::{Placement, State};

/// What follows from something that happened to a placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The placement as it is now.
    pub next: Placement,
    /// When to go to the lock next.
    pub due: Due,
    /// Whether what is wanted has changed: the outcome of an attempt that is under way no longer counts.
    pub supersedes: bool,
    /// What else is to be done.
    pub actions: Vec<Action>,
}

/// When to go to the lock next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// As before.
    Unchanged,
    /// There is nothing to do.
    Never,
    /// At once.
    Now,
    /// After a pause that grows with the number of failures in a row, with full jitter (R28).
    AfterFailures(u32),
    /// At that time, which came with the event.
    At(i64),
}

/// What else follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Record it in the audit log (R31).
    Record(News),
    /// The code that it replaces is no longer wanted (R27).
    ReleaseReplaced,
    /// Its slot has become free: others that found none can be tried.
    OfferSlot,
    /// Look after some minutes whether the lock still has it: locks have been seen to drop a code after saying yes.
    CheckSoon,
    /// It was seen on the lock.
    NoteSeen,
}

/// What is worth a line in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It is on the lock.
    OnLock,
    /// It waits for a lock or hub that is offline.
    Waiting,
    /// It could not be written.
    Failed,
    /// It is off the lock.
    Removed,
    /// It could not be taken off yet, and still opens the door.
    RemovalUnconfirmed,
    /// The lock has lost it.
    Drifted,
}

impl Step {
    /// Nothing follows.
    pub fn unchanged(placement: Placement) -> Self {
        Self { next: placement, due: Due::Unchanged, supersedes: false, actions: Vec::new() }
    }

    /// It goes on at that time.
    pub(crate) fn go_on(mut next: Placement, due: Due) -> Self {
        match due {
            Due::Unchanged => {}
            Due::Never => next.due = false,
            _ => next.due = true,
        }
        Self { next, due, supersedes: false, actions: Vec::new() }
    }

    pub(crate) fn superseding(self) -> Self {
        Self { supersedes: true, ..self }
    }

    pub(crate) fn and(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    pub(crate) fn and_if(self, condition: bool, action: Action) -> Self {
        if condition { self.and(action) } else { self }
    }

    /// Records the news that belongs to the state, if that is news.
    pub(crate) fn record_if_new(self, before: State, news: News) -> Self {
        let is_new = self.next.state != before;
        self.and_if(is_new, Action::Record(news))
    }
}
