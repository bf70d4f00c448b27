//! What can be wrong with a schedule.

/// Why there can't be such a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ScheduleError {
    /// A temporary code that ends when or before it starts.
    #[error("The end must be after the start.")]
    EndNotAfterStart,
    /// A temporary code for longer than 366 days (R20).
    #[error("There can be at most 366 days from start to end.")]
    WindowTooLong,
    /// A recurring code over more than 366 days, first and last counted.
    #[error("From the first day to the last there may be at most 366 days.")]
    RangeTooLong,
    /// A recurring code without a weekday.
    #[error("Choose at least one weekday.")]
    NoWeekdays,
    /// A recurring code whose last day is before its first.
    #[error("The last day can’t be before the first.")]
    LastDayBeforeFirstDay,
    /// A recurring code that would never open a door: none of its weekdays is in the range, or the skipped hour
    /// swallows its only window.
    #[error("With these weekdays, hours and dates the code would never open a door.")]
    NoWindows,
    /// A start so near the end of time that what follows from it can't be computed.
    #[error("The start is out of range.")]
    StartOutOfRange,
    /// A first day before the year -9998 or a last day after the year 9998.
    #[error("The days are out of range.")]
    DaysOutOfRange,
}

impl ScheduleError {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::EndNotAfterStart,
        Self::WindowTooLong,
        Self::RangeTooLong,
        Self::NoWeekdays,
        Self::LastDayBeforeFirstDay,
        Self::NoWindows,
        Self::StartOutOfRange,
        Self::DaysOutOfRange,
    ];

    /// Stable, `snake_case`; what programs decide on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::EndNotAfterStart => "end_not_after_start",
            Self::WindowTooLong | Self::RangeTooLong => "window_too_long",
            Self::NoWeekdays => "no_weekdays",
            Self::LastDayBeforeFirstDay => "last_day_before_first_day",
            Self::NoWindows => "no_windows",
            Self::StartOutOfRange | Self::DaysOutOfRange => "out_of_range",
        }
    }

    /// The field of the request that it is about, nested ones with dots.
    pub const fn field(self) -> &'static str {
        match self {
            Self::EndNotAfterStart | Self::WindowTooLong => "ends_at",
            Self::RangeTooLong | Self::LastDayBeforeFirstDay | Self::DaysOutOfRange => "recurrence.last_day",
            Self::NoWeekdays | Self::NoWindows => "recurrence.weekdays",
            Self::StartOutOfRange => "starts_at",
        }
    }
}
