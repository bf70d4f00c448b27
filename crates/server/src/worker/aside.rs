//! Locks and hubs that don't answer, left aside for a while so that nothing is spent on them (R28).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::hub::{LockError, backoff};
use store::Millis;
use store::placements::PlacementRecord;
use uuid::Uuid;

/// What of one hub isn't asked at the moment.
#[derive(Clone, Default)]
pub(super) struct Aside(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hub: Option<Left>,
    locks: HashMap<Uuid, Left>,
}

#[derive(Clone)]
struct Left {
    failures: u32,
    until: Millis,
    error: LockError,
}

impl Aside {
    /// Leaves aside what an error says doesn't answer: the whole hub, or the lock. Other errors are answers.
    pub(super) fn leave(&self, lock_id: Uuid, error: &LockError, now: Millis) {
        let random = getrandom::u64().unwrap_or(u64::MAX);
        let again = |left: Option<&Left>| {
            let failures = left.map_or(0, |left| left.failures).saturating_add(1);
            let pause = Millis::try_from(backoff::delay(failures, random).as_millis()).unwrap_or(Millis::MAX);
            Left { failures, until: now.saturating_add(pause), error: error.clone() }
        };
        let mut state = self.state();
        match error {
            LockError::HubOffline => state.hub = Some(again(state.hub.as_ref())),
            LockError::LockOffline | LockError::TimedOut => {
                let left = again(state.locks.get(&lock_id));
                state.locks.insert(lock_id, left);
            }
            _ => {}
        }
    }

    /// The hub answers.
    pub(super) fn take_hub_back(&self) {
        self.state().hub = None;
    }

    /// The lock answers, and so does its hub.
    pub(super) fn take_back(&self, lock_id: Uuid) {
        let mut state = self.state();
        state.hub = None;
        state.locks.remove(&lock_id);
    }

    /// Why the whole hub isn't asked now, and until when.
    pub(super) fn hub(&self, now: Millis) -> Option<(LockError, Millis)> {
        self.state().hub.as_ref().filter(|left| is_left(left, now)).map(|left| (left.error.clone(), left.until))
    }

    /// The locks that aren't asked now, why, and until when.
    pub(super) fn locks(&self, now: Millis) -> Vec<(Uuid, LockError, Millis)> {
        let state = self.state();
        let left = state.locks.iter().filter(|(_, left)| is_left(left, now));
        left.map(|(lock_id, left)| (*lock_id, left.error.clone(), left.until)).collect()
    }

    /// Is the lock of this placement, or its hub, still left aside until then?
    pub(super) fn is_left(&self, placement: &PlacementRecord, until: Millis) -> bool {
        let state = self.state();
        let lock = state.locks.get(&placement.lock_id);
        state.hub.iter().chain(lock).any(|left| left.until == until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After a clock that jumped back nothing is left aside for longer than it can be.
fn is_left(left: &Left, now: Millis) -> bool {
    let longest = Millis::try_from(backoff::CAP.as_millis()).unwrap_or(Millis::MAX);
    left.until > now && left.until <= now.saturating_add(longest)
}
