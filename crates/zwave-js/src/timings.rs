//! How long is waited for what.

use std::time::Duration;

/// How long a driver waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// For a connection: name, TCP, TLS, the WebSocket's handshake and the hub's first message, together.
    pub connect: Duration,
    /// For the hub's whole state after that, and for whatever it knows without asking a lock.
    pub hub: Duration,
    /// For what a lock is asked over the radio, with the hub's own repetitions.
    pub lock: Duration,
    /// Between two pings of the WebSocket.
    pub ping: Duration,
    /// After this long without a sign of life the connection counts as lost.
    pub silence: Duration,
    /// The most failures that the delay before the next connection grows with: [`hub::backoff::delay`].
    pub failures_counted: u32,
    /// A connection that lasted this long was no failure.
    pub stable: Duration,
}

impl Default for Timings {
    /// A hub that is back is noticed within half a minute, and one that falls silent within twenty seconds.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            hub: Duration::from_secs(30),
            lock: Duration::from_secs(60),
            ping: Duration::from_secs(5),
            silence: Duration::from_secs(15),
            failures_counted: 6,
            stable: Duration::from_secs(60),
        }
    }
}
