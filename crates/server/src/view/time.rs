//! Times in the API's form.

use api_types::{Instant, Window};
use jiff::Timestamp;
use store::Millis;

/// A point in time: RFC 3339 in UTC, with milliseconds if there are any.
///
/// # Panics
/// Never for instants in the years 1 to 9999.
pub fn instant(millis: Millis) -> Instant {
    Instant(Timestamp::from_millisecond(millis).expect("a year from 1 to 9999").to_string())
}

/// A window of a guest code.
pub fn window(window: guest_windows::Window) -> Window {
    let instant = |at: Timestamp| instant(at.as_millisecond());
    Window { starts_at: instant(window.starts_at), ends_at: window.ends_at.map(instant) }
}
