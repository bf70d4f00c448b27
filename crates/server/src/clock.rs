//! Time, asked of one place so that tests can turn it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use store::Millis;
use tokio::sync::watch;

/// What time it is. Expiry is always decided by comparing with [`Clock::now`], never by a timer having fired.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System,
    Manual(Arc<watch::Sender<Millis>>),
}

/// The system's clock may be set while we sleep, so it is looked at again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Inner::System)
    }

    /// A clock that stands at `start` (milliseconds since 1970 in UTC) until it is turned.
    pub fn manual(start: Millis) -> Self {
        Self(Inner::Manual(Arc::new(watch::Sender::new(start))))
    }

    /// Now, in milliseconds since 1970 in UTC.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Inner::System => Timestamp::now().as_millisecond(),
            Inner::Manual(time) => *time.borrow(),
        }
    }

    /// Turns a manual clock on by `by`, or back with a negative one; wakes whoever sleeps until then.
    ///
    /// # Panics
    /// On the system's clock.
    pub fn advance(&self, by: jiff::SignedDuration) {
        match &self.0 {
            Inner::System => panic!("the system's clock can't be turned"),
            Inner::Manual(time) => {
                let by = Millis::try_from(by.as_millis()).expect("less than 292 million years");
                time.send_modify(|now| *now += by);
            }
        }
    }

    /// Returns once [`Clock::now`] is `until` or later; at once if it already is.
    pub async fn sleep_until(&self, until: Millis) {
        match &self.0 {
            Inner::System => loop {
                let left = u64::try_from(until.saturating_sub(self.now())).unwrap_or(0);
                if left == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
            },
            Inner::Manual(time) => {
                // An error means that the sender is gone, which this clock itself keeps.
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
    async fn sleepers_wake_when_the_clock_is_turned_to_their_time() {
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

    #[tokio::test]
    async fn the_past_is_not_waited_for() {
        Clock::system().sleep_until(0).await;
        Clock::manual(5).sleep_until(5).await;
    }
}
