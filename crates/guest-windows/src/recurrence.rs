//! A daily window on chosen weekdays, and where daylight-saving changes put it (R22).

use std::iter;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use crate::{ScheduleError, Weekdays};

/// The most days of a recurrence, first and last counted. **Decided**: R20 gives a limit for temporary codes only; the
/// same holds here, so that no guest code but a permanent one outlives a year unnoticed.
const MAX_DAYS: i64 = 366;

/// How many days ago a window that is open now may have begun, unless all windows are joined into one. A daily window
/// lasts at most a day, the windows of six weekdays may join into six days, and a day that a zone skips may join two
/// such weeks.
const LONGEST_JOINED_DAYS: i64 = 21;

/// A daily window on chosen weekdays, in local time (R20, R22).
///
/// **Where a local time doesn't exist or exists twice** (R22): in the skipped hour, the offset before the change holds,
/// for the start and the end alike; in the repeated hour, the window starts with the first and ends with the second, so
/// that it never closes early. A zone may skip a whole day, and then the same holds: the window of the skipped day is
/// open on the day after. If by this a window would end when or before it starts (02:30 to 03:15 in the night when
/// 02:00 becomes 03:00), there is none on that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// Days on which a window starts.
    pub weekdays: Weekdays,
    /// When it starts.
    pub from: civil::Time,
    /// When it ends: on the same day, or if at or before `from` on the next one.
    pub to: civil::Time,
    /// The first day on which a window may start.
    pub first_day: civil::Date,
    /// The last day on which a window may start. It may end on the day after.
    pub last_day: civil::Date,
}

impl Recurrence {
    /// Checks what can be checked without knowing the zone.
    pub(crate) fn check(&self) -> Result<(), ScheduleError> {
        if self.weekdays.is_empty() {
            return Err(ScheduleError::NoWeekdays);
        }
        if self.last_day < self.first_day {
            return Err(ScheduleError::LastDayBeforeFirstDay);
        }
        if self.last_day.duration_since(self.first_day).as_hours() / 24 + 1 > MAX_DAYS {
            return Err(ScheduleError::RangeTooLong);
        }
        // A year of leeway, so that neither the next day nor any offset leaves jiff's range.
        if self.first_day.year() < -9998 || self.last_day.year() > 9998 {
            return Err(ScheduleError::DaysOutOfRange);
        }
        Ok(())
    }

    /// The window that starts on that local day, if its weekday is chosen and it isn't empty.
    fn on_day(&self, day: civil::Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        if !self.weekdays.contains(day.weekday()) {
            return None;
        }
        let last_day = if self.to <= self.from { day.tomorrow().ok()? } else { day };
        // In a skipped hour both take the offset before the change; in a repeated one the first and the second.
        let start = zone.to_ambiguous_timestamp(day.to_datetime(self.from)).compatible().ok()?;
        let end = zone.to_ambiguous_timestamp(last_day.to_datetime(self.to)).later().ok()?;
        (start < end).then_some((start, end))
    }

    /// The windows that start on that local day or a later one, in order, one for each day.
    fn windows_of_days(&self, first: civil::Date, zone: &TimeZone) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        iter::successors(Some(first), |day| day.tomorrow().ok())
            .take_while(|&day| day <= self.last_day)
            .filter_map(|day| self.on_day(day, zone))
    }

    /// The start of the first window.
    pub(crate) fn first_start(&self, zone: &TimeZone) -> Option<Timestamp> {
        self.windows_of_days(self.first_day, zone).next().map(|(start, _)| start)
    }

    /// The end of the last window. No change of offset reverses the order of two ends, so it is that of the last day.
    pub(crate) fn last_end(&self, zone: &TimeZone) -> Option<Timestamp> {
        iter::successors(Some(self.last_day), |day| day.yesterday().ok())
            .take_while(|&day| day >= self.first_day)
            .find_map(|day| self.on_day(day, zone))
            .map(|(_, end)| end)
    }

    /// All windows that are open now or later, and perhaps some before: in order, joined where one starts when or
    /// before the one before it ends.
    pub(crate) fn joined_windows(
        &self,
        zone: &TimeZone,
        now: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = self.first_day.max(self.day_to_start_with(zone, now));
        let mut windows = self.windows_of_days(first, zone).peekable();
        iter::from_fn(move || {
            let (start, mut end) = windows.next()?;
            while let Some((_, later)) = windows.next_if(|&(next_start, _)| next_start <= end) {
                end = end.max(later);
            }
            Some((start, end))
        })
    }

    /// A day early enough that a window open at `now` isn't cut off, so that past windows needn't all be computed.
    fn day_to_start_with(&self, zone: &TimeZone, now: Timestamp) -> civil::Date {
        let all_windows_are_one = self.from == self.to && self.weekdays == Weekdays::ALL;
        let today = zone.to_datetime(now).date();
        match today.checked_sub(LONGEST_JOINED_DAYS.days()) {
            Ok(day) if !all_windows_are_one => day,
            _ => self.first_day,
        }
    }
}
