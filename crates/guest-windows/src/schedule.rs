//! Schedules and the windows that follow from them.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{Recurrence, ScheduleError};

/// How long an unused delivery code works (R20).
pub const DELIVERY_LIFETIME: SignedDuration = SignedDuration::from_hours(2);

/// The longest time from the start of a temporary code to its end: 366 days of 24 hours (R20).
pub const MAX_SPAN: SignedDuration = SignedDuration::from_hours(366 * 24);

/// When a guest code opens its doors (R20).
///
/// The constructors check it, and there is no other way to make one; so a schedule always has at least one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// From a start to an end.
    #[non_exhaustive]
    Temporary {
        /// The first instant.
        starts_at: Timestamp,
        /// The first instant after it.
        ends_at: Timestamp,
    },
    /// A daily window on chosen weekdays between two dates.
    #[non_exhaustive]
    Recurring {
        /// Which days and local times.
        recurrence: Recurrence,
        /// The property's time zone.
        time_zone: TimeZone,
    },
    /// For [`DELIVERY_LIFETIME`] from the start. That it works only once is not a matter of time, so not known here.
    #[non_exhaustive]
    Delivery {
        /// The first instant.
        starts_at: Timestamp,
    },
    /// From a start until revoked.
    #[non_exhaustive]
    Permanent {
        /// The first instant.
        starts_at: Timestamp,
    },
}

/// A period of time during which a code opens its doors; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it; `None`: until revoked.
    pub ends_at: Option<Timestamp>,
}

impl Window {
    /// The window is open at that instant.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.starts_at <= instant && !self.is_over(instant)
    }

    /// The window's end is at or before that instant.
    pub fn is_over(&self, instant: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= instant)
    }
}

impl Schedule {
    /// From a start to an end, at most 366 days (R20).
    ///
    /// # Errors
    /// [`ScheduleError::EndNotAfterStart`] and [`ScheduleError::WindowTooLong`].
    ///
    /// ```
    /// use guest_windows::{Schedule, ScheduleError};
    ///
    /// let (friday, sunday) = ("2026-07-03T15:00:00Z".parse()?, "2026-07-05T11:00:00Z".parse()?);
    /// assert!(Schedule::temporary(friday, sunday).is_ok());
    /// assert_eq!(Schedule::temporary(sunday, friday), Err(ScheduleError::EndNotAfterStart));
    /// # Ok::<(), jiff::Error>(())
    /// ```
    pub fn temporary(starts_at: Timestamp, ends_at: Timestamp) -> Result<Self, ScheduleError> {
        if ends_at <= starts_at {
            return Err(ScheduleError::EndNotAfterStart);
        }
        if ends_at.duration_since(starts_at) > MAX_SPAN {
            return Err(ScheduleError::WindowTooLong);
        }
        Ok(Self::Temporary { starts_at, ends_at })
    }

    /// A daily window on chosen weekdays, in the property's time zone (R20, R22).
    ///
    /// # Errors
    /// [`ScheduleError::NoWeekdays`], [`ScheduleError::LastDayBeforeFirstDay`], [`ScheduleError::RangeTooLong`] beyond
    /// 366 days, [`ScheduleError::DaysOutOfRange`], and [`ScheduleError::NoWindows`] if it would never open a door.
    pub fn recurring(recurrence: Recurrence, time_zone: TimeZone) -> Result<Self, ScheduleError> {
        recurrence.check()?;
        if recurrence.first_start(&time_zone).is_none() {
            return Err(ScheduleError::NoWindows);
        }
        Ok(Self::Recurring { recurrence, time_zone })
    }

    /// For two hours from the start (R20).
    ///
    /// # Errors
    /// [`ScheduleError::StartOutOfRange`] within two hours of the end of time.
    pub fn delivery(starts_at: Timestamp) -> Result<Self, ScheduleError> {
        starts_at.checked_add(DELIVERY_LIFETIME).map_err(|_| ScheduleError::StartOutOfRange)?;
        Ok(Self::Delivery { starts_at })
    }

    /// From the start until revoked.
    pub const fn permanent(starts_at: Timestamp) -> Self {
        Self::Permanent { starts_at }
    }

    /// The windows that aren't over at `now`, in order; the first may have begun before. They are computed lazily.
    ///
    /// Between one window and the next there is always a time when the code doesn't open: windows of consecutive days
    /// that meet or overlap are one. So a recurrence on all weekdays whose `from` is its `to` is a single window.
    pub fn windows_from(&self, now: Timestamp) -> impl Iterator<Item = Window> {
        let (single, recurring) = match self {
            Self::Temporary { starts_at, ends_at } => {
                (Some(Window { starts_at: *starts_at, ends_at: Some(*ends_at) }), None)
            }
            Self::Delivery { starts_at } => {
                (Some(Window { starts_at: *starts_at, ends_at: Some(*starts_at + DELIVERY_LIFETIME) }), None)
            }
            Self::Permanent { starts_at } => (Some(Window { starts_at: *starts_at, ends_at: None }), None),
            Self::Recurring { recurrence, time_zone } => (None, Some(recurrence.joined_windows(time_zone, now))),
        };
        let recurring = recurring.into_iter().flatten();
        let recurring = recurring.map(|(starts_at, end)| Window { starts_at, ends_at: Some(end) });
        single.into_iter().chain(recurring).skip_while(move |window| window.is_over(now))
    }

    /// The window that is open at `now`.
    pub fn open_at(&self, now: Timestamp) -> Option<Window> {
        self.windows_from(now).next().filter(|window| window.contains(now))
    }

    /// The code should be on its locks at `now`: a window is open, or one opens `lead` from now at the latest (R44). It
    /// is taken off at a window's end, unless the next window is that near.
    ///
    /// ```
    /// use guest_windows::Schedule;
    /// use jiff::{SignedDuration, Timestamp};
    ///
    /// let (friday, sunday) = ("2026-07-03T15:00:00Z".parse()?, "2026-07-05T11:00:00Z".parse()?);
    /// let code = Schedule::temporary(friday, sunday).unwrap();
    /// let quarter = SignedDuration::from_mins(15);
    /// assert!(!code.is_wanted_at("2026-07-03T14:44:59Z".parse()?, quarter));
    /// assert!(code.is_wanted_at("2026-07-03T14:45:00Z".parse()?, quarter));
    /// assert!(!code.is_wanted_at(sunday, quarter));
    /// # Ok::<(), jiff::Error>(())
    /// ```
    pub fn is_wanted_at(&self, now: Timestamp, lead: SignedDuration) -> bool {
        self.windows_from(now).next().is_some_and(|window| window.starts_at.duration_since(now) <= lead)
    }

    /// The first instant after `now` at which the code begins or ceases to open its doors; `None` if that never
    /// happens again. While no window is open, the code is to be on its locks from `lead` before then (R44).
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let window = self.windows_from(now).next()?;
        if window.starts_at > now { Some(window.starts_at) } else { window.ends_at }
    }

    /// The start of the first window.
    pub fn first_start(&self) -> Timestamp {
        match self {
            Self::Temporary { starts_at, .. } | Self::Delivery { starts_at } | Self::Permanent { starts_at } => {
                *starts_at
            }
            Self::Recurring { recurrence, time_zone } => {
                recurrence.first_start(time_zone).expect("a recurring schedule without a window can't be made")
            }
        }
    }

    /// The end of the last window; `None`: until revoked.
    pub fn last_end(&self) -> Option<Timestamp> {
        match self {
            Self::Temporary { ends_at, .. } => Some(*ends_at),
            Self::Delivery { starts_at } => Some(*starts_at + DELIVERY_LIFETIME),
            Self::Permanent { .. } => None,
            Self::Recurring { recurrence, time_zone } => recurrence.last_end(time_zone),
        }
    }

    /// The code has opened its doors for the last time: the last window is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.last_end().is_some_and(|end| end <= now)
    }
}
