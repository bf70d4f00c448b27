//! Times in the API's form.

use api_types::{FieldCode, Instant, Window};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::Millis;

/// The years that people may name. A clock began in the first, and RFC 3339 can't print what comes after the last.
pub const YEARS: std::ops::RangeInclusive<i16> = 1970..=9999;

/// Why a text isn't a point in time that can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadInstant {
    /// It isn't as RFC 3339 has it.
    Unreadable,
    /// It isn't within [`YEARS`].
    OutOfRange,
}

impl BadInstant {
    /// As the code of a field.
    pub fn code(self) -> FieldCode {
        match self {
            Self::Unreadable => FieldCode::NotAnInstant,
            Self::OutOfRange => FieldCode::OutOfRange,
        }
    }

    /// What to do about it.
    pub fn detail(self) -> &'static str {
        match self {
            Self::Unreadable => "Send a time like 2026-11-03T16:00:00Z.",
            Self::OutOfRange => "Send a time between the years 1970 and 9999.",
        }
    }
}

/// The point in time that a request names, in whole milliseconds, for no more can be stored.
///
/// # Errors
/// [`BadInstant`].
pub fn given(text: &str) -> Result<Timestamp, BadInstant> {
    let at: Timestamp = text.parse().map_err(|_| BadInstant::Unreadable)?;
    let year = at.to_zoned(TimeZone::UTC).year();
    // Rounded down, so that it stays within the year.
    let whole = Timestamp::from_millisecond(at.as_millisecond()).map_err(|_| BadInstant::OutOfRange)?;
    if YEARS.contains(&year) && at >= Timestamp::UNIX_EPOCH { Ok(whole) } else { Err(BadInstant::OutOfRange) }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_years_that_can_be_printed_are_taken() {
        let millis = |text: &str| given(text).map(Timestamp::as_millisecond);
        assert_eq!(millis("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(millis("2026-11-03T16:00:00.1239+01:00"), Ok(1_793_718_000_123));
        assert_eq!(millis("9999-12-30T12:00:00Z"), Ok(253_402_171_200_000));
        for text in
            ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+01:00", "-000001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]
        {
            assert_eq!(millis(text), Err(BadInstant::OutOfRange), "{text}");
        }
        for text in ["", "2026-11-03", "2026-11-03T16:00:00", "10000-01-01T00:00:00Z", "yesterday"] {
            assert_eq!(millis(text), Err(BadInstant::Unreadable), "{text}");
        }
    }
}
