//! Slowing down the guessing of passwords.
//!
//! After a few failures each further one makes the next wait longer, up to a minute, for the account and for the
//! address it came from. Failures fade with time. Nobody is locked out by a stranger:
//!
//! - A device that somebody signed in on has a mark for that account ([`super::device`]) and a count of its own, whatever
//!   happens to the account or the address otherwise.
//! - So has an address that somebody signed in from, for who has no such device.
//! - Whoever else is told to wait is let through once that is over, whatever others did meanwhile: an address keeps its place
//!   for that account ([`State::places`]). A guesser gets no more out of it than one attempt for each wait and address.
//!
//! It is kept in memory and bounded, apart from the failures of devices: a restart forgets it, which gives a guesser a few
//! more attempts and nobody a longer wait.

mod counters;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use store::Millis;

use store::devices::{Failures, MarkHash};

use self::counters::{Counter, Counters, KEPT, LONGEST_WAIT_MS, Policy};
use crate::clock::Clock;
use crate::network::Network;

const ACCOUNT: Policy = Policy { free: 5, at_once: 8, fades_ms: 5 * 60 * 1000 };
/// Also used for an address's guesses at link secrets, which are counted separately.
const ADDRESS: Policy = Policy { free: 20, at_once: 32, fades_ms: 30 * 1000 };

/// An account, whole or as seen by somebody who has signed in to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Account {
    email: String,
    seen_by: SeenBy,
}

/// Whose failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum SeenBy {
    /// Everybody's who never signed in to the account.
    Strangers,
    /// Those of a network that somebody has signed in to the account from.
    Network(Network),
    /// Those of a device that has a mark for the account.
    Device(MarkHash),
}

/// How many places are kept at most.
const PLACES: usize = 100_000;

/// How long a place is kept after its wait is over: ten minutes.
const PLACE_KEPT_MS: Millis = 10 * 60 * 1000;

struct State {
    accounts: Counters<Account>,
    networks: Counters<Network>,
    /// Networks that asked for links that don't exist.
    guessers: Counters<Network>,
    /// Networks that asked for links to set a password.
    askers: Counters<Network>,
    /// Networks from which somebody has signed in to an account, and when they last did.
    known: HashMap<(String, Network), Millis>,
    /// When who was told to wait is let through, by account and network.
    places: HashMap<(String, Network), Millis>,
}

/// Counts failed sign-ins.
#[derive(Clone)]
pub struct Throttle {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

/// Turned away before the password was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnedAway {
    /// How many seconds to wait before trying again, at least 1.
    pub retry_after_s: u64,
    /// Whether this is the first to be turned away in this wait. Only that one is recorded, or guessing would flood the
    /// log.
    pub first: bool,
}

impl TurnedAway {
    fn after(wait_ms: Millis, first: bool) -> Self {
        Self { retry_after_s: u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000).max(1), first }
    }
}

impl State {
    fn leave_network(&mut self, network: Option<Network>, then: impl FnOnce(&Policy, &mut Counter)) {
        if let Some(network) = network {
            self.networks.leave(&network, then);
        }
    }

    /// How long somebody who would have to wait for `wait_ms` really has to: until their place comes up, if they have one.
    /// They are given one otherwise, and lose it once they are let through.
    fn wait_at(&mut self, place: &(String, Network), wait_ms: Millis, now: Millis) -> Millis {
        if wait_ms <= 0 {
            self.places.remove(place);
            return 0;
        }
        if let Some(at) = self.places.get_mut(place) {
            // A clock that jumped back must not make a wait longer.
            *at = (*at).min(now + LONGEST_WAIT_MS);
            let left = *at - now;
            // Their turn doesn't come later than everybody's.
            if left > 0 {
                return left.min(wait_ms);
            }
            let kept = left > -PLACE_KEPT_MS;
            self.places.remove(place);
            if kept {
                return 0;
            }
        }
        if self.places.len() >= PLACES {
            self.places.retain(|_, at| *at > now - PLACE_KEPT_MS);
        }
        // Whoever has a place keeps it, however many come after them.
        if self.places.len() < PLACES {
            self.places.insert(place.clone(), now + wait_ms);
        }
        wait_ms
    }
}

impl Throttle {
    /// A throttle that has counted nothing yet.
    pub fn new(clock: Clock) -> Self {
        let state = State {
            accounts: Counters::new(ACCOUNT),
            networks: Counters::new(ADDRESS),
            guessers: Counters::new(ADDRESS),
            askers: Counters::new(ADDRESS),
            known: HashMap::new(),
            places: HashMap::new(),
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// Begins an attempt to sign in to the account of `email` (as returned by `store::people::email_key`), on a device with
    /// a mark for that account or without one.
    ///
    /// # Errors
    /// `TurnedAway` while the account or the address has to wait.
    pub fn attempt(&self, email: &str, address: IpAddr, device: Option<MarkHash>) -> Result<Attempt, TurnedAway> {
        let now = self.clock.now();
        let network = Network::from(address);
        let mut state = self.lock();
        let place = (email.to_owned(), network);
        let seen_by = match device {
            Some(mark) => SeenBy::Device(mark),
            None if state.known.contains_key(&place) => SeenBy::Network(network),
            None => SeenBy::Strangers,
        };
        let account = Account { email: email.to_owned(), seen_by };
        // A device's own failures are all that it waits for.
        let counted = device.is_none().then_some(network);
        let of_network = counted.map_or(0, |network| state.networks.wait_ms(&network, now));
        let wait_ms = state.accounts.wait_ms(&account, now).max(of_network);
        let wait_ms = if counted.is_some() { state.wait_at(&place, wait_ms, now) } else { wait_ms };
        if wait_ms > 0 {
            // Both must be told, so both are called.
            let first = state.accounts.first_turned_away(&account)
                | counted.is_some_and(|network| state.networks.first_turned_away(&network));
            return Err(TurnedAway::after(wait_ms, first));
        }
        state.accounts.enter(&account, now);
        if let Some(network) = counted {
            state.networks.enter(&network, now);
        }
        drop(state);
        Ok(Attempt { throttle: self.clone(), account, network, counted, ended: false })
    }

    /// Takes over what was counted for a device before a restart, unless something was counted since.
    pub(crate) fn remember(&self, email: &str, device: MarkHash, failures: Failures) {
        let account = Account { email: email.to_owned(), seen_by: SeenBy::Device(device) };
        self.lock().accounts.by_key.entry(account).or_insert_with(|| Counter::remembered(&failures));
    }

    /// The failures of a device, as they are to be kept for after a restart.
    pub(crate) fn failures_of(&self, email: &str, device: MarkHash) -> Option<Failures> {
        let account = Account { email: email.to_owned(), seen_by: SeenBy::Device(device) };
        self.lock().accounts.by_key.get(&account).and_then(Counter::failures)
    }

    /// Begins using a link's secret. Counted separately from sign-ins, so that an expired link keeps nobody at the same
    /// address from signing in.
    ///
    /// # Errors
    /// `TurnedAway` while the address has to wait.
    pub fn begin_guess(&self, address: IpAddr) -> Result<Guess, TurnedAway> {
        let now = self.clock.now();
        let network = Network::from(address);
        let mut state = self.lock();
        let wait_ms = state.guessers.wait_ms(&network, now);
        if wait_ms > 0 {
            let first = state.guessers.first_turned_away(&network);
            return Err(TurnedAway::after(wait_ms, first));
        }
        state.guessers.enter(&network, now);
        drop(state);
        Ok(Guess { throttle: self.clone(), network, wrong: true })
    }

    /// Whether somebody there may ask for a link to set a password. Whatever it leads to, asking is all that counts: whether
    /// there is such a person must not be seen from how soon one has to wait.
    pub fn may_ask(&self, address: IpAddr) -> bool {
        let now = self.clock.now();
        let network = Network::from(address);
        let mut state = self.lock();
        if state.askers.wait_ms(&network, now) > 0 {
            return false;
        }
        state.askers.enter(&network, now);
        state.askers.leave(&network, |policy, counter| counter.fail(policy, now));
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this")
    }
}

/// An attempt under way. If it is simply dropped, as when the client goes away, it counts as failed.
#[must_use]
pub struct Attempt {
    throttle: Throttle,
    account: Account,
    network: Network,
    /// The network, if its failures are counted.
    counted: Option<Network>,
    ended: bool,
}

impl Attempt {
    /// The password was right: the account's failures are forgotten, and the address counts as known from now on.
    pub fn succeeded(mut self) {
        let now = self.throttle.clock.now();
        let mut state = self.throttle.lock();
        state.accounts.leave(&self.account, |_, counter| counter.forget());
        state.leave_network(self.counted, |_, _| {});
        if state.known.len() >= KEPT {
            let mut ages: Vec<Millis> = state.known.values().copied().collect();
            let (_, &mut tenth, _) = ages.select_nth_unstable(KEPT / 10);
            state.known.retain(|_, at| *at > tenth);
        }
        state.known.insert((self.account.email.clone(), self.network), now);
        drop(state);
        self.ended = true;
    }

    /// It failed for reasons of our own, so it doesn't count.
    pub fn forgive(mut self) {
        let mut state = self.throttle.lock();
        state.accounts.leave(&self.account, |_, _| {});
        state.leave_network(self.counted, |_, _| {});
        drop(state);
        self.ended = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.ended {
            let now = self.throttle.clock.now();
            let mut state = self.throttle.lock();
            state.accounts.leave(&self.account, |policy, counter| counter.fail(policy, now));
            state.leave_network(self.counted, |policy, counter| counter.fail(policy, now));
        }
    }
}

/// The use of a link's secret under way. If it is simply dropped, it counts as a wrong guess.
#[must_use]
pub struct Guess {
    throttle: Throttle,
    network: Network,
    wrong: bool,
}

impl Guess {
    /// There is no such link.
    pub fn wrong(self) {}

    /// There is such a link, or it failed for reasons of our own, so it doesn't count.
    pub fn forgive(mut self) {
        self.wrong = false;
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        let now = self.throttle.clock.now();
        self.throttle.lock().guessers.leave(&self.network, |policy, counter| {
            if self.wrong {
                counter.fail(policy, now);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn elsewhere(host: u16) -> IpAddr {
        let [high, low] = host.to_be_bytes();
        IpAddr::V4(std::net::Ipv4Addr::new(198, 51, high, low))
    }

    fn fail(throttle: &Throttle, email: &str, address: IpAddr) {
        drop(throttle.attempt(email, address, None).expect("no wait"));
    }

    #[test]
    fn waits_grow_to_a_minute_and_fade() {
        let clock = Clock::manual(1_800_000_000_000);
        let throttle = Throttle::new(clock.clone());
        for _ in 0..ACCOUNT.free {
            fail(&throttle, "a@example.com", HOME);
        }
        for expected in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let away = throttle.attempt("a@example.com", HOME, None).err().expect("a wait");
            assert_eq!(away, TurnedAway { retry_after_s: expected, first: true });
            assert!(!throttle.attempt("a@example.com", HOME, None).err().expect("a wait").first);
            clock.advance(SignedDuration::from_secs(expected.try_into().expect("small")));
            fail(&throttle, "a@example.com", HOME);
        }
        clock.advance(SignedDuration::from_hours(1));
        for _ in 0..ACCOUNT.free {
            fail(&throttle, "a@example.com", HOME);
        }
    }

    #[test]
    fn the_right_password_ends_the_account_s_waits() {
        let throttle = Throttle::new(Clock::manual(0));
        for _ in 0..ACCOUNT.free - 1 {
            fail(&throttle, "a@example.com", HOME);
        }
        throttle.attempt("a@example.com", HOME, None).expect("no wait").succeeded();
        for _ in 0..ACCOUNT.free - 1 {
            fail(&throttle, "a@example.com", HOME);
        }
        throttle.attempt("a@example.com", HOME, None).expect("no wait").forgive();
    }

    #[test]
    fn a_stranger_does_not_lock_out_somebody_who_signed_in_before() {
        let throttle = Throttle::new(Clock::manual(0));
        throttle.attempt("a@example.com", HOME, None).expect("no wait").succeeded();
        for host in 0..u16::try_from(ACCOUNT.free).expect("small") {
            fail(&throttle, "a@example.com", elsewhere(host));
        }
        assert!(throttle.attempt("a@example.com", elsewhere(99), None).is_err());
        throttle.attempt("a@example.com", HOME, None).expect("no wait at home").succeeded();
    }

    const LAPTOP: Option<MarkHash> = Some([1; 32]);

    #[test]
    fn a_device_that_signed_in_before_waits_for_its_own_failures_alone() {
        let clock = Clock::manual(0);
        let throttle = Throttle::new(clock.clone());
        for host in 0..100 {
            drop(throttle.attempt("a@example.com", elsewhere(host), None));
            drop(throttle.attempt(&format!("{host}@example.com"), HOME, None));
        }
        assert!(throttle.attempt("a@example.com", HOME, None).is_err());
        for _ in 0..ACCOUNT.free {
            drop(throttle.attempt("a@example.com", HOME, LAPTOP).expect("no wait"));
        }
        let away = throttle.attempt("a@example.com", HOME, LAPTOP).err().expect("a wait");
        assert_eq!(away.retry_after_s, 1);
        assert!(throttle.attempt("a@example.com", HOME, Some([2; 32])).is_ok(), "another device of theirs");

        // A restart forgets nothing of it.
        let failures = throttle.failures_of("a@example.com", [1; 32]).expect("failures");
        let restarted = Throttle::new(clock.clone());
        restarted.remember("a@example.com", [1; 32], failures);
        assert_eq!(restarted.attempt("a@example.com", HOME, LAPTOP).err(), Some(away));
        clock.advance(SignedDuration::from_secs(1));
        restarted.attempt("a@example.com", HOME, LAPTOP).expect("the wait is over").succeeded();
        assert_eq!(restarted.failures_of("a@example.com", [1; 32]), None);
    }

    #[test]
    fn whoever_waited_is_let_through_whatever_others_do_meanwhile() {
        let clock = Clock::manual(0);
        let throttle = Throttle::new(clock.clone());
        let home = elsewhere(60_000);
        let mut wait = None;
        // Ten minutes, in each second of which a hundred strangers try.
        for second in 0..600_u16 {
            for host in 0..100 {
                drop(throttle.attempt("a@example.com", elsewhere(host), None));
            }
            if second == 300 {
                let away = throttle.attempt("a@example.com", home, None).err().expect("a wait");
                assert!(away.retry_after_s <= 60);
                wait = Some(second + u16::try_from(away.retry_after_s).expect("small"));
            }
            if Some(second) == wait {
                throttle.attempt("a@example.com", home, None).expect("the wait is over").succeeded();
                wait = None;
            }
            clock.advance(SignedDuration::from_secs(1));
        }
        assert_eq!(wait, None);
        // A place is good for one attempt.
        let away = throttle.attempt("a@example.com", elsewhere(60_001), None).err().expect("a wait");
        clock.advance(SignedDuration::from_secs(away.retry_after_s.try_into().expect("small")));
        for host in 0..100 {
            drop(throttle.attempt("a@example.com", elsewhere(host), None));
        }
        drop(throttle.attempt("a@example.com", elsewhere(60_001), None).expect("the wait is over"));
        assert!(throttle.attempt("a@example.com", elsewhere(60_001), None).is_err());
    }

    #[test]
    fn an_address_that_tries_many_accounts_waits() {
        let clock = Clock::manual(0);
        let throttle = Throttle::new(clock.clone());
        for n in 0..ADDRESS.free {
            fail(&throttle, &format!("{n}@example.com"), HOME);
        }
        assert!(throttle.attempt("new@example.com", HOME, None).is_err());
        throttle.attempt("new@example.com", elsewhere(1), None).expect("no wait elsewhere").forgive();
        // Behind the same address somebody else still gets in within a minute, however it goes on.
        let away = throttle.attempt("owner@example.com", HOME, None).err().expect("a wait");
        for n in 0..away.retry_after_s {
            clock.advance(SignedDuration::from_secs(1));
            drop(throttle.attempt(&format!("{n}@example.com"), HOME, None));
        }
        throttle.attempt("owner@example.com", HOME, None).expect("the wait is over").succeeded();
    }

    #[test]
    fn guessing_links_slows_down_guessing_links() {
        let clock = Clock::manual(0);
        let throttle = Throttle::new(clock.clone());
        for _ in 0..100 {
            throttle.begin_guess(HOME).expect("no wait for what is right").forgive();
        }
        for _ in 0..ADDRESS.free {
            throttle.begin_guess(HOME).expect("no wait yet").wrong();
        }
        assert_eq!(throttle.begin_guess(HOME).err(), Some(TurnedAway { retry_after_s: 1, first: true }));
        assert_eq!(throttle.begin_guess(HOME).err(), Some(TurnedAway { retry_after_s: 1, first: false }));
        throttle.begin_guess(elsewhere(1)).expect("no wait elsewhere").forgive();
        throttle.attempt("a@example.com", HOME, None).expect("no wait to sign in").forgive();
        clock.advance(SignedDuration::from_secs(1));
        drop(throttle.begin_guess(HOME).expect("the wait is over"));
        assert_eq!(throttle.begin_guess(HOME).err().map(|away| away.retry_after_s), Some(2));
    }

    #[test]
    fn who_asks_for_many_links_has_to_wait_and_nobody_else() {
        let clock = Clock::manual(1_800_000_000_000);
        let throttle = Throttle::new(clock.clone());
        let asked = (0..1000).filter(|_| throttle.may_ask(HOME)).count();
        assert!((10..50).contains(&asked), "{asked}");
        assert!(throttle.may_ask(elsewhere(1)));
        throttle.attempt("a@example.com", HOME, None).expect("no wait to sign in").forgive();
        clock.advance(SignedDuration::from_hours(1));
        assert!(throttle.may_ask(HOME));
    }

    #[test]
    fn concurrent_guesses_are_counted_too() {
        let throttle = Throttle::new(Clock::manual(0));
        let under_way: Vec<_> =
            (0..ACCOUNT.at_once).map(|_| throttle.attempt("a@example.com", HOME, None).expect("no wait")).collect();
        assert!(throttle.attempt("a@example.com", HOME, None).is_err());
        drop(under_way);
        assert!(throttle.attempt("a@example.com", HOME, None).is_err());
    }

    #[test]
    fn a_clock_that_jumps_back_makes_no_wait_longer() {
        let clock = Clock::manual(1_800_000_000_000);
        let throttle = Throttle::new(clock.clone());
        for _ in 0..=ACCOUNT.free {
            drop(throttle.attempt("a@example.com", HOME, None));
        }
        clock.advance(SignedDuration::from_hours(-24));
        let away = throttle.attempt("a@example.com", HOME, None).err().expect("a wait");
        assert!(away.retry_after_s <= 60, "{away:?}");
        clock.advance(SignedDuration::from_secs(60));
        throttle.attempt("a@example.com", HOME, None).expect("the wait is over").forgive();
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let clock = Clock::manual(0);
        let throttle = Throttle::new(clock.clone());
        for n in 0..KEPT + 500 {
            clock.advance(SignedDuration::from_millis(1));
            fail(&throttle, &format!("{n}@example.com"), elsewhere(u16::try_from(n).expect("small")));
        }
        let state = throttle.lock();
        assert!(state.accounts.by_key.len() <= KEPT);
        assert!(state.networks.by_key.len() <= KEPT);
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let one: IpAddr = "2001:db8::1".parse().expect("an address");
        let other: IpAddr = "2001:db8::ffff".parse().expect("an address");
        assert_eq!(Network::from(one), Network::from(other));
        assert_eq!(Network::from("::ffff:192.0.2.1".parse::<IpAddr>().expect("an address")), Network::from(HOME));
    }
}
