//! The states of a placement (R25), and the statuses that people see (R26).

use api_types::{Named, PlacementStatus};

/// The states of R25.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Wanted, not started.
    Pending,
    /// Being written.
    Writing,
    /// It was on the lock, and may have been written over since: that is being found out (R27).
    Confirming,
    /// On the lock.
    OnLock,
    /// The lock or its hub is offline.
    WaitingOffline,
    /// Not on the lock. Tried again by itself unless it failed for good (R28).
    Failed,
    /// Being taken off.
    Removing,
    /// Not on the lock.
    Removed,
    /// The removal can't be confirmed: an incident (R24). It is still tried.
    RemovalFailed,
    /// The lock lost it after it was confirmed; it is being put right.
    Drifted,
}

impl Named for State {
    const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Writing,
        Self::Confirming,
        Self::OnLock,
        Self::WaitingOffline,
        Self::Failed,
        Self::Removing,
        Self::Removed,
        Self::RemovalFailed,
        Self::Drifted,
    ];

    /// As it is stored.
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Writing => "writing",
            Self::Confirming => "confirming",
            Self::OnLock => "on_lock",
            Self::WaitingOffline => "waiting_offline",
            Self::Failed => "failed",
            Self::Removing => "removing",
            Self::Removed => "removed",
            Self::RemovalFailed => "removal_failed",
            Self::Drifted => "drifted",
        }
    }
}

impl State {
    /// The status that people see (R26).
    pub fn status(self) -> PlacementStatus {
        match self {
            Self::Pending | Self::Writing | Self::Confirming => PlacementStatus::Sending,
            Self::OnLock => PlacementStatus::Working,
            Self::WaitingOffline => PlacementStatus::Waiting,
            Self::Failed | Self::Drifted => PlacementStatus::Failed,
            Self::Removing | Self::RemovalFailed => PlacementStatus::BeingRemoved,
            Self::Removed => PlacementStatus::Removed,
        }
    }
}
