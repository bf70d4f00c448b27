//! What a roster may hold, and what its parts have in common.

use api_types::{BadRow, FieldCode};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::Millis;

/// The most rows a file may have.
pub const MAX_ROWS: usize = 5_000;

/// The longest name.
pub const MAX_TEXT: usize = 120;

/// Years in which a tenancy can plausibly begin or end; others are typing errors.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// A cell that can't be imported.
pub(super) fn bad(line: u64, column: &str, value: &str, code: FieldCode, detail: &str) -> BadRow {
    let value = value.chars().take(MAX_TEXT).collect();
    BadRow { line, column: column.into(), value, code: code.into(), detail: detail.into() }
}

/// The first instant of a day.
pub(super) fn start_of(date: Date, zone: &TimeZone) -> Millis {
    date.to_zoned(zone.clone()).expect("YEARS are within the calendar").timestamp().as_millisecond()
}

/// The first instant after a last day.
pub(super) fn ends_at(last: Option<Date>, zone: &TimeZone) -> Option<Millis> {
    last.and_then(|date| date.tomorrow().ok()).map(|date| start_of(date, zone))
}
