//! Where a code is to be written, and what is known after writing it.

use hub::{LockError, Slot};
use ids::PlacementId;

/// Why a code isn't confirmed to be on its lock, although it may be.
pub(super) struct Unconfirmed {
    pub(super) error: LockError,
    pub(super) may_hold: bool,
}

impl From<LockError> for Unconfirmed {
    /// For a write: after any error other than a timeout, the slot holds what it held before.
    fn from(error: LockError) -> Self {
        Self { may_hold: matches!(error, LockError::TimedOut | LockError::Rejected(_)), error }
    }
}

/// Where a code is to be written.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A slot of its own.
    Free(Slot),
    /// The slot of the code it replaces, since no other is free (R27).
    Overwrite { slot: Slot, replaced: PlacementId },
}

impl Target {
    pub(super) fn slot(&self) -> Slot {
        match self {
            Self::Free(slot) | Self::Overwrite { slot, .. } => *slot,
        }
    }
}
