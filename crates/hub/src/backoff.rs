//! How long to wait before trying a lock again (R28).
//!
//! Exponential backoff with *full jitter*: the wait is uniform between nothing and a ceiling that doubles with each
//! failure. When a hub comes back, the many codes that failed together are thus not retried together: locks have been
//! flooded that way. The functions are pure; the caller brings the random number and does the waiting.

use std::time::Duration;

/// The ceiling after the first failure.
pub const BASE: Duration = Duration::from_secs(1);

/// The ceiling never grows beyond this.
pub const CAP: Duration = Duration::from_secs(5 * 60);

/// The longest wait after `failures` failures in a row: [`BASE`] after the first, doubled by each further one, at most
/// [`CAP`]. With no failure there is nothing to wait for.
pub fn ceiling(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        _ => 2u32.checked_pow(failures - 1).and_then(|factor| BASE.checked_mul(factor)).map_or(CAP, |c| c.min(CAP)),
    }
}

/// The wait after `failures` failures in a row, in whole milliseconds between zero and [`ceiling`], both included.
///
/// `random` is a number uniform over all of `u64`; the same number gives the same wait.
pub fn delay(failures: u32, random: u64) -> Duration {
    let choices = ceiling(failures).as_millis() + 1;
    // Scales `random / 2^64`, which is in [0, 1), to [0, choices); at most CAP + 1 ms, so that it fits.
    let millis = (choices * u128::from(random)) >> u64::BITS;
    Duration::from_millis(u64::try_from(millis).expect("below CAP, which fits in 64 bits"))
}
