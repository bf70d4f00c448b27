//! When a guest code opens its doors (R20, R22).
//!
//! A [`Schedule`] is what the person who issued the code asked for; its [`Window`]s are the periods of time that follow
//! from it. A recurring schedule keeps its local times across daylight-saving changes. Nothing here asks for the time
//! or reads time-zone data: the caller brings `now` and the zone.
//!
//! ```
//! use guest_windows::{Recurrence, Schedule, Weekdays};
//! use jiff::{civil, tz::TimeZone};
//!
//! // The cleaner comes on Sundays. On 8 March 2026 the clocks in Denver go from 02:00 to 03:00.
//! let recurrence = Recurrence {
//!     weekdays: Weekdays::from_iter([civil::Weekday::Sunday]),
//!     from: civil::time(1, 0, 0, 0),
//!     to: civil::time(9, 0, 0, 0),
//!     first_day: civil::date(2026, 3, 1),
//!     last_day: civil::date(2026, 3, 31),
//! };
//! let schedule = Schedule::recurring(recurrence, TimeZone::get("America/Denver")?)?;
//!
//! let windows: Vec<_> = schedule.windows_from("2026-03-02T00:00:00Z".parse()?).take(2).collect();
//! assert_eq!(windows[0].starts_at, "2026-03-08T01:00:00-07:00".parse()?);
//! assert_eq!(windows[0].ends_at, Some("2026-03-08T09:00:00-06:00".parse()?)); // seven hours
//! assert_eq!(windows[1].starts_at, "2026-03-15T01:00:00-06:00".parse()?); // still at one o'clock
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod recurrence;
mod schedule;
mod weekdays;

pub use error::ScheduleError;
pub use recurrence::Recurrence;
pub use schedule::{DELIVERY_LIFETIME, MAX_SPAN, Schedule, Window};
pub use weekdays::Weekdays;
