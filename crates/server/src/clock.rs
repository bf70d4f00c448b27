//! The time, from one place so that tests can control it.
//!
//! The system's clock may be set back. Time here goes on at its usual pace until the clock has caught up: what has
//! ended stays ended, and nothing has to wait for hours that already passed once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use store::Millis;
use tokio::sync::watch;

/// What time it is. Expiry is always decided by comparing with [`Clock::now`], never by a timer having fired.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System(Arc<Mutex<Steady>>),
    Manual(Arc<watch::Sender<Millis>>),
}

/// Time that never goes back, nor runs slower than real time.
#[derive(Debug)]
struct Steady {
    at: Millis,
    measured: Instant,
}

impl Steady {
    /// The time now, when the system's clock says `wall`.
    fn go_on(&mut self, wall: Millis, measured: Instant) -> Millis {
        let passed = measured.saturating_duration_since(self.measured);
        let at_least = self.at.saturating_add(Millis::try_from(passed.as_millis()).unwrap_or(Millis::MAX));
        self.at = wall.max(at_least);
        self.measured = measured;
        self.at
    }
}

fn wall_clock() -> Millis {
    Timestamp::now().as_millisecond()
}

/// The system's clock may be set while we sleep, so it is checked again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Inner::System(Arc::new(Mutex::new(Steady { at: wall_clock(), measured: Instant::now() }))))
    }

    /// A clock that stands still at `start` (milliseconds since 1970 in UTC) until it is advanced.
    pub fn manual(start: Millis) -> Self {
        Self(Inner::Manual(Arc::new(watch::Sender::new(start))))
    }

    /// Now, in milliseconds since 1970 in UTC.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Inner::System(steady) => {
                let mut steady = steady.lock().unwrap_or_else(PoisonError::into_inner);
                steady.go_on(wall_clock(), Instant::now())
            }
            Inner::Manual(time) => *time.borrow(),
        }
    }

    /// Moves a manual clock forward by `by`, or back if it is negative; wakes those sleeping until then.
    ///
    /// # Panics
    /// On the system's clock.
    pub fn advance(&self, by: jiff::SignedDuration) {
        match &self.0 {
            Inner::System(_) => panic!("the system's clock can't be turned"),
            Inner::Manual(time) => {
                let by = Millis::try_from(by.as_millis()).expect("less than 292 million years");
                time.send_modify(|now| *now += by);
            }
        }
    }

    /// Returns once [`Clock::now`] is `until` or later; at once if it already is.
    pub async fn sleep_until(&self, until: Millis) {
        match &self.0 {
            Inner::System(_) => loop {
                let left = u64::try_from(until.saturating_sub(self.now())).unwrap_or(0);
                if left == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
            },
            Inner::Manual(time) => {
                // An error would mean that the sender is gone, but this clock holds it.
                let _ = time.subscribe().wait_for(|now| *now >= until).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_the_clock_reaches_their_time() {
        let clock = Clock::manual(1_000);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep_until(3_000).await;
                clock.now()
            }
        });
        clock.advance(SignedDuration::from_secs(1));
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(sleeper.await.expect("it doesn't panic"), 3_000);
    }

    #[test]
    fn time_goes_on_while_the_system_s_clock_is_behind() {
        let began = Instant::now();
        let mut steady = Steady { at: 10_000, measured: began };
        let after = |ms| began + Duration::from_millis(ms);
        assert_eq!(steady.go_on(11_000, after(1_000)), 11_000);
        // Set back by an hour: time goes on at its own pace.
        assert_eq!(steady.go_on(11_500 - 3_600_000, after(1_500)), 11_500);
        assert_eq!(steady.go_on(12_000 - 3_600_000, after(2_000)), 12_000);
        // Set forward, or back to the right time, the clock is believed.
        assert_eq!(steady.go_on(60_000, after(2_500)), 60_000);
        assert_eq!(steady.go_on(13_000, after(3_000)), 60_500);
    }

    #[tokio::test]
    async fn sleeping_until_the_past_returns_at_once() {
        Clock::system().sleep_until(0).await;
        Clock::manual(5).sleep_until(5).await;
    }
}
