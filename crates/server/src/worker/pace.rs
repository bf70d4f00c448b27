//! How long the workers wait.

use std::time::Duration;

use store::Millis;
use tokio::sync::Notify;

use crate::clock::Clock;

/// Nothing that is due waits longer than this for somebody to look.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(3);

/// After a failure of the database.
pub(super) const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// Waits for something to do: until told, until `at` if there is such a time, and no longer than [`HEARTBEAT`].
pub(super) async fn wait(clock: &Clock, told: &Notify, at: Option<Millis>) {
    let timer = async {
        match at {
            Some(at) => clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = told.notified() => {}
        () = timer => {}
        () = tokio::time::sleep(HEARTBEAT) => {}
    }
}
