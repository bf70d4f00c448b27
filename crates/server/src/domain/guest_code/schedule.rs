//! When an issued guest code opens its doors (R20, R22).

use api_types::{FieldCode, GuestCodeKind, GuestCodeState, Recurrence, Weekday};
use guest_windows::Schedule;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};
use store::Millis;
use store::guest_codes::{GuestCodeRecord, WindowState};

use crate::view::time::YEARS;

/// The schedule of an issued guest code.
pub(crate) fn schedule_of(guest: &GuestCodeRecord) -> store::Result<Schedule> {
    let broken = |_: guest_windows::ScheduleError| store::Error::Unreadable("the times of a guest code".into());
    let start = guest.starts_at.unwrap_or(guest.issued_at);
    match guest.kind() {
        GuestCodeKind::Temporary => {
            Schedule::temporary(timestamp(start), timestamp(guest.ends_at.unwrap_or(start))).map_err(broken)
        }
        GuestCodeKind::Delivery => Schedule::delivery(timestamp(start)).map_err(broken),
        GuestCodeKind::Permanent => Ok(Schedule::permanent(timestamp(start))),
        GuestCodeKind::Recurring => {
            let zone = TimeZone::get(&guest.time_zone)
                .map_err(|_| store::Error::Unreadable(format!("the time zone {}", guest.time_zone)))?;
            let recurrence = guest.recurrence().and_then(|wire| parse_recurrence(wire, &mut |_, _, _| {}));
            let recurrence = recurrence.ok_or_else(|| store::Error::Unreadable("a recurrence".into()))?;
            Schedule::recurring(recurrence, zone).map_err(broken)
        }
    }
}

/// Its state at that time, unless somebody has ended it.
pub(in crate::domain) fn state_at(schedule: &Schedule, at: Timestamp) -> GuestCodeState {
    if schedule.is_over(at) {
        GuestCodeState::Expired
    } else if schedule.first_start() > at {
        GuestCodeState::Scheduled
    } else {
        GuestCodeState::Live
    }
}

/// How its windows are at that time, for a property that sends codes so long before one opens (R44).
pub(super) fn window_at(schedule: &Schedule, at: Timestamp, lead: SignedDuration) -> WindowState {
    if schedule.open_at(at).is_some() {
        WindowState::Open
    } else if schedule.is_wanted_at(at, lead) {
        WindowState::Soon
    } else {
        WindowState::Closed
    }
}

/// How long before a window begins its property sends guest codes to locks (R44).
pub(super) fn lead(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(minutes.into())
}

/// Parses a recurrence from the API; `wrong` is told what can't be read.
pub(super) fn parse_recurrence(
    recurrence: &Recurrence,
    wrong: &mut impl FnMut(&str, FieldCode, &str),
) -> Option<guest_windows::Recurrence> {
    let mut time = |field: &str, text: &str| {
        // Exactly HH:MM, which is what people choose and all that can be shown again.
        let parsed = (text.len() == 5).then(|| civil::Time::strptime("%H:%M", text).ok()).flatten();
        if parsed.is_none() {
            wrong(field, FieldCode::NotATime, "Send a time of day like 09:00.");
        }
        parsed
    };
    let from = time("recurrence.from", &recurrence.from);
    let to = time("recurrence.to", &recurrence.to);
    let mut date = |field: &str, text: &str| {
        let parsed = (text.len() == 10).then(|| text.parse::<civil::Date>().ok()).flatten();
        match parsed {
            None => wrong(field, FieldCode::NotADate, "Send a date like 2026-11-03."),
            Some(date) if !YEARS.contains(&date.year()) => {
                wrong(field, FieldCode::OutOfRange, "Send a date between 1970 and 9999.");
            }
            Some(_) => {}
        }
        parsed
    };
    let first_day = date("recurrence.first_day", &recurrence.first_day);
    let last_day = date("recurrence.last_day", &recurrence.last_day);
    Some(guest_windows::Recurrence {
        weekdays: recurrence.weekdays.iter().copied().map(weekday).collect(),
        from: from?,
        to: to?,
        first_day: first_day?,
        last_day: last_day?,
    })
}

fn weekday(day: Weekday) -> civil::Weekday {
    match day {
        Weekday::Mon => civil::Weekday::Monday,
        Weekday::Tue => civil::Weekday::Tuesday,
        Weekday::Wed => civil::Weekday::Wednesday,
        Weekday::Thu => civil::Weekday::Thursday,
        Weekday::Fri => civil::Weekday::Friday,
        Weekday::Sat => civil::Weekday::Saturday,
        Weekday::Sun => civil::Weekday::Sunday,
    }
}

/// A point in time as schedules use it.
pub(crate) fn timestamp(millis: Millis) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("milliseconds from a clock or from a parsed time")
}
