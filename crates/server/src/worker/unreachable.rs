//! Locks and hubs that don't answer, left alone for a while so that no effort is spent on them (R28).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::hub::{LockError, backoff};
use ids::LockId;
use store::Millis;
use store::placements::PlacementRecord;

/// What at one hub isn't being contacted at the moment.
#[derive(Clone, Default)]
pub(super) struct Unreachable(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hub: Option<Outage>,
    locks: HashMap<LockId, Outage>,
}

#[derive(Clone)]
struct Outage {
    failures: u32,
    until: Millis,
    error: LockError,
}

impl Unreachable {
    /// Notes what an error says doesn't answer: the whole hub, or the lock. Other errors are answers.
    pub(super) fn add(&self, lock_id: LockId, error: &LockError, now: Millis) {
        let random = getrandom::u64().unwrap_or(u64::MAX);
        let again = |outage: Option<&Outage>| {
            let failures = outage.map_or(0, |outage| outage.failures).saturating_add(1);
            let pause = Millis::try_from(backoff::delay(failures, random).as_millis()).unwrap_or(Millis::MAX);
            Outage { failures, until: now.saturating_add(pause), error: error.clone() }
        };
        let mut state = self.state();
        match error {
            LockError::HubOffline => {
                state.hub = Some(again(state.hub.as_ref()));
                // Nothing is known of the locks behind it: what they were like before says nothing of why they wait now.
                state.locks.clear();
            }
            LockError::LockOffline | LockError::TimedOut => {
                let outage = again(state.locks.get(&lock_id));
                state.locks.insert(lock_id, outage);
            }
            _ => {}
        }
    }

    /// Forgets everything, because the hub has come back or is gone: the next attempt shows how things are.
    pub(super) fn clear_all(&self) {
        *self.state() = State::default();
    }

    /// Forgets a lock, because it answers or its hub told of it; either way the hub answers.
    pub(super) fn clear_lock(&self, lock_id: LockId) {
        let mut state = self.state();
        state.hub = None;
        state.locks.remove(&lock_id);
    }

    /// Why the whole hub isn't being contacted now, and until when.
    pub(super) fn hub(&self, now: Millis) -> Option<(LockError, Millis)> {
        self.state()
            .hub
            .as_ref()
            .filter(|outage| contains(outage, now))
            .map(|outage| (outage.error.clone(), outage.until))
    }

    /// The locks that aren't being contacted now, why, and until when.
    pub(super) fn locks(&self, now: Millis) -> Vec<(LockId, LockError, Millis)> {
        let state = self.state();
        let outage = state.locks.iter().filter(|(_, outage)| contains(outage, now));
        outage.map(|(lock_id, outage)| (*lock_id, outage.error.clone(), outage.until)).collect()
    }

    /// Whether this placement's lock, or its hub, is still being left alone until then.
    pub(super) fn contains(&self, placement: &PlacementRecord, until: Millis) -> bool {
        let state = self.state();
        let lock = state.locks.get(&placement.lock_id);
        state.hub.iter().chain(lock).any(|outage| outage.until == until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an outage still counts. After a clock jumps back, none lasts longer than the longest possible delay.
fn contains(outage: &Outage, now: Millis) -> bool {
    let longest = Millis::try_from(backoff::CAP.as_millis()).unwrap_or(Millis::MAX);
    outage.until > now && outage.until <= now.saturating_add(longest)
}
