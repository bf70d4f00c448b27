//! The time, from one place so that tests can control it.
//!
//! The system's clock may be set back. Time here goes on at its usual pace until the clock has caught up: what has
//! ended stays ended, and nothing has to wait for hours that already passed once.
//!
//! It may be set forward too, and is believed then. Only limits of a day go by real time ([`Clock::real_time`]), which
//! goes on as time passes: nobody gets around them by turning the clock (R11).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use store::{Millis, Store, real_days};
use tokio::sync::watch;

/// What time it is. Expiry is always decided by comparing with [`Clock::now`], never by a timer having fired.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System(Arc<System>),
    Manual(Arc<watch::Sender<Manual>>),
}

#[derive(Debug)]
struct System {
    steady: Mutex<Steady>,
    started: Instant,
    /// The real time when it was started.
    real_at_start: Millis,
}

#[derive(Clone, Copy, Debug)]
struct Manual {
    now: Millis,
    real: Millis,
}

impl System {
    fn starting(at: Millis, real_at_start: Millis) -> Arc<Self> {
        let started = Instant::now();
        Arc::new(Self { steady: Mutex::new(Steady { at, measured: started }), started, real_at_start })
    }
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
        let at_least = self.at.saturating_add(millis(passed));
        self.at = wall.max(at_least);
        self.measured = measured;
        self.at
    }
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

fn wall_clock() -> Millis {
    Timestamp::now().as_millisecond()
}

/// The system's clock may be set while we sleep, so it is checked again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        let now = wall_clock();
        Self(Inner::System(System::starting(now, now)))
    }

    /// A clock that stands still at `start` (milliseconds since 1970 in UTC) until it is advanced.
    pub fn manual(start: Millis) -> Self {
        Self(Inner::Manual(Arc::new(watch::Sender::new(Manual { now: start, real: start }))))
    }

    /// The same clock, whose real time goes on where the records left it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resumed(self, store: &Store) -> store::Result<Self> {
        let (ahead, newest) =
            store.read(|db| Ok::<_, store::Error>((real_days::clock_ahead(db)?, real_days::newest(db)?))).await?;
        let now = self.now();
        let real = newest.map_or(now - ahead, |newest| newest.max(now - ahead));
        Ok(Self(match self.0 {
            Inner::System(_) => Inner::System(System::starting(now, real)),
            Inner::Manual(_) => Inner::Manual(Arc::new(watch::Sender::new(Manual { now, real }))),
        }))
    }

    /// Now, in milliseconds since 1970 in UTC.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Inner::System(system) => {
                let mut steady = system.steady.lock().unwrap_or_else(PoisonError::into_inner);
                steady.go_on(wall_clock(), Instant::now())
            }
            Inner::Manual(time) => time.borrow().now,
        }
    }

    /// Real time in milliseconds, for limits of a day: [`Clock::now`] less what the clock was set forward while the
    /// server ran. It only makes sense compared with itself.
    pub fn real_time(&self) -> Millis {
        match &self.0 {
            Inner::System(system) => system.real_at_start.saturating_add(millis(system.started.elapsed())),
            Inner::Manual(time) => time.borrow().real,
        }
    }

    /// By how much the clock has been set forward in all, in milliseconds.
    pub fn ahead(&self) -> Millis {
        self.now() - self.real_time()
    }

    /// Lets time pass on a manual clock, or sets it back if `by` is negative; wakes those sleeping until then.
    ///
    /// # Panics
    /// On the system's clock.
    pub fn advance(&self, by: jiff::SignedDuration) {
        self.turn(by, by.max(jiff::SignedDuration::ZERO));
    }

    /// Sets a manual clock forward by `by`, though no time passes; wakes those sleeping until then.
    ///
    /// # Panics
    /// On the system's clock.
    pub fn set_forward(&self, by: jiff::SignedDuration) {
        self.turn(by, jiff::SignedDuration::ZERO);
    }

    fn turn(&self, by: jiff::SignedDuration, passed: jiff::SignedDuration) {
        let millis = |by: jiff::SignedDuration| Millis::try_from(by.as_millis()).expect("less than 292 million years");
        match &self.0 {
            Inner::System(_) => panic!("the system's clock can't be turned"),
            Inner::Manual(time) => time.send_modify(|time| {
                time.now += millis(by);
                time.real += millis(passed);
            }),
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
                let _ = time.subscribe().wait_for(|time| time.now >= until).await;
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

    #[test]
    fn r11_real_time_goes_on_as_time_passes_whatever_the_clock_is_set_to() {
        let clock = Clock::manual(10_000);
        clock.advance(SignedDuration::from_secs(1));
        clock.set_forward(SignedDuration::from_hours(1));
        assert_eq!((clock.now(), clock.real_time(), clock.ahead()), (3_611_000, 11_000, 3_600_000));
        clock.advance(SignedDuration::from_hours(-1));
        assert_eq!((clock.now(), clock.real_time(), clock.ahead()), (11_000, 11_000, 0));
    }

    #[tokio::test]
    async fn sleeping_until_the_past_returns_at_once() {
        Clock::system().sleep_until(0).await;
        Clock::manual(5).sleep_until(5).await;
    }
}
