//! Sets of weekdays.

use std::fmt;

use jiff::civil::Weekday;

/// A set of weekdays.
///
/// ```
/// use guest_windows::Weekdays;
/// use jiff::civil::Weekday;
///
/// let weekend = Weekdays::from_iter([Weekday::Sunday, Weekday::Saturday]);
/// assert!(weekend.contains(Weekday::Sunday));
/// assert_eq!(weekend.iter().collect::<Vec<_>>(), [Weekday::Saturday, Weekday::Sunday]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    const fn bit(weekday: Weekday) -> u8 {
        1 << weekday.to_monday_zero_offset()
    }

    /// The weekday is in the set.
    pub const fn contains(self, weekday: Weekday) -> bool {
        self.0 & Self::bit(weekday) != 0
    }

    /// No weekday is.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in the set, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday.cycle_forward().take(7).filter(move |&weekday| self.contains(weekday))
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(weekdays: I) -> Self {
        Self(weekdays.into_iter().fold(0, |bits, weekday| bits | Self::bit(weekday)))
    }
}

impl fmt::Debug for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
