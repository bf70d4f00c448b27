//! Failure counters: each failure beyond the first few makes the wait longer, and failures fade with time.

use std::collections::HashMap;
use std::hash::Hash;

use store::Millis;
use store::devices::Failures;

/// How one kind of counter behaves.
pub(super) struct Policy {
    /// How many failures cause no wait.
    pub(super) free: u32,
    /// How many concurrent attempts are allowed while there is no wait; during a wait it is one.
    pub(super) at_once: u32,
    /// How many milliseconds it takes for one failure to fade.
    pub(super) fades_ms: Millis,
}

/// The first wait; each further one is twice as long.
const FIRST_WAIT_MS: Millis = 1_000;
/// The longest wait.
pub(super) const LONGEST_WAIT_MS: Millis = 60_000;
/// After how many doublings the wait is longest; failures aren't counted beyond that.
const DOUBLINGS: u32 = 6;
/// How many counters of each kind are kept; beyond that, those that failed longest ago are forgotten.
pub(super) const KEPT: usize = 10_000;

/// The failures of one key, and the resulting wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter {
    failures: u32,
    failed_at: Millis,
    wait_until: Millis,
    /// Whether somebody has been turned away during this wait.
    turned_away: bool,
    in_flight: u32,
}

impl Counter {
    fn fade(&mut self, policy: &Policy, now: Millis) {
        // A clock that jumped back must not make a wait longer.
        self.failed_at = self.failed_at.min(now);
        self.wait_until = self.wait_until.min(now + LONGEST_WAIT_MS);
        let faded = (now - self.failed_at) / policy.fades_ms;
        if faded > 0 {
            self.failures = self.failures.saturating_sub(u32::try_from(faded).unwrap_or(u32::MAX));
            self.failed_at += faded * policy.fades_ms;
        }
    }

    fn wait_ms(&self, policy: &Policy, now: Millis) -> Millis {
        if self.wait_until > now {
            self.wait_until - now
        } else if self.in_flight >= if self.failures < policy.free { policy.at_once } else { 1 } {
            FIRST_WAIT_MS
        } else {
            0
        }
    }

    /// As counted before a restart.
    pub(super) fn remembered(failures: &Failures) -> Self {
        let Failures { failures, failed_at, wait_until } = *failures;
        Self { failures, failed_at, wait_until, ..Self::default() }
    }

    /// What is to be kept for after a restart; `None` without failures.
    pub(super) fn failures(&self) -> Option<Failures> {
        let Self { failures, failed_at, wait_until, .. } = *self;
        (failures > 0).then_some(Failures { failures, failed_at, wait_until })
    }

    /// Forgets all failures.
    pub(super) fn forget(&mut self) {
        *self = Self { in_flight: self.in_flight, ..Self::default() };
    }

    pub(super) fn fail(&mut self, policy: &Policy, now: Millis) {
        self.failures = (self.failures + 1).min(policy.free + DOUBLINGS);
        self.failed_at = now;
        if let Some(doublings) = self.failures.checked_sub(policy.free) {
            self.wait_until = now + (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS);
            self.turned_away = false;
        }
    }
}

/// The counters of one kind.
pub(super) struct Counters<K> {
    policy: Policy,
    pub(super) by_key: HashMap<K, Counter>,
}

impl<K: Clone + Eq + Hash> Counters<K> {
    pub(super) fn new(policy: Policy) -> Self {
        Self { policy, by_key: HashMap::new() }
    }

    pub(super) fn wait_ms(&mut self, key: &K, now: Millis) -> Millis {
        let Some(counter) = self.by_key.get_mut(key) else { return 0 };
        counter.fade(&self.policy, now);
        counter.wait_ms(&self.policy, now)
    }

    /// Notes that somebody was turned away; returns whether they are the first in this wait.
    pub(super) fn first_turned_away(&mut self, key: &K) -> bool {
        self.by_key.get_mut(key).is_some_and(|counter| !std::mem::replace(&mut counter.turned_away, true))
    }

    pub(super) fn enter(&mut self, key: &K, now: Millis) {
        if self.by_key.len() >= KEPT && !self.by_key.contains_key(key) {
            self.make_room(now);
        }
        self.by_key.entry(key.clone()).or_default().in_flight += 1;
    }

    pub(super) fn leave(&mut self, key: &K, then: impl FnOnce(&Policy, &mut Counter)) {
        if let Some(counter) = self.by_key.get_mut(key) {
            counter.in_flight = counter.in_flight.saturating_sub(1);
            then(&self.policy, counter);
            if counter.in_flight == 0 && counter.failures == 0 {
                self.by_key.remove(key);
            }
        }
    }

    fn make_room(&mut self, now: Millis) {
        let policy = &self.policy;
        self.by_key.retain(|_, counter| {
            counter.fade(policy, now);
            counter.in_flight > 0 || counter.failures > 0
        });
        if self.by_key.len() >= KEPT {
            let mut ages: Vec<Millis> = self.by_key.values().map(|counter| counter.failed_at).collect();
            let (_, &mut tenth, _) = ages.select_nth_unstable(KEPT / 10);
            self.by_key.retain(|_, counter| counter.in_flight > 0 || counter.failed_at > tenth);
        }
    }
}
