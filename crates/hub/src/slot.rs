//! A lock's places for codes.

use std::fmt;
use std::num::NonZeroU16;

/// One of a lock's numbered places for a code. The first slot is 1, as in the protocols of the locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(NonZeroU16);

impl Slot {
    /// The slot of that number; `None` for 0, which is no slot.
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The slot's number, from 1.
    pub const fn number(self) -> u16 {
        self.0.get()
    }

    /// Every slot of a lock that has `slots` of them, lowest first.
    pub fn all(slots: u16) -> impl Iterator<Item = Self> {
        (1..=slots).filter_map(Self::new)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
