//! How long the workers wait.

use std::time::Duration;

use store::Millis;
use tokio::sync::Notify;

use crate::clock::Clock;

/// The longest that something due waits before a worker checks for it.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(3);

/// The pause after a database failure.
pub(super) const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// Waits for something to do: until notified, until `at` if that is given, and no longer than [`HEARTBEAT`].
pub(super) async fn wait(clock: &Clock, notify: &Notify, at: Option<Millis>) {
    let timer = async {
        match at {
            Some(at) => clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = notify.notified() => {}
        () = timer => {}
        () = tokio::time::sleep(HEARTBEAT) => {}
    }
}
