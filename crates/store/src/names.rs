//! Enumerations as text in the database, spelled as on the wire.

use api_types::{ChannelKind, CodeOrigin, DoorKind, GuestCodeKind, GuestCodeState, Outcome, PlacementStatus};

/// A type whose values are stored as text.
pub(crate) trait Name: Sized + Copy + 'static {
    /// Every value with its text.
    const NAMES: &'static [(Self, &'static str)];

    fn same(self, other: Self) -> bool;

    /// The text of this value.
    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(value, _)| value.same(self)).expect("every value is listed").1
    }

    /// The value of that text, if it is one's.
    fn of(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(value, _)| *value)
    }
}

macro_rules! names {
    ($type:ty { $($variant:ident = $name:literal),* $(,)? }) => {
        impl Name for $type {
            const NAMES: &'static [(Self, &'static str)] = &[$((<$type>::$variant, $name)),*];
            fn same(self, other: Self) -> bool { self == other }
        }
    };
}
pub(crate) use names;

names!(ChannelKind { Web = "web", Mobile = "mobile", System = "system" });
names!(CodeOrigin { Random = "random", Custom = "custom" });
names!(DoorKind { Unit = "unit", Amenity = "amenity", Property = "property" });
names!(GuestCodeKind { Temporary = "temporary", Recurring = "recurring", Delivery = "delivery", Permanent = "permanent" });
names!(GuestCodeState { Scheduled = "scheduled", Live = "live", Used = "used", Expired = "expired", Revoked = "revoked" });
names!(Outcome { Done = "done", Refused = "refused", Failed = "failed" });
names!(PlacementStatus {
    Working = "working",
    Sending = "sending",
    Waiting = "waiting",
    Failed = "failed",
    BeingRemoved = "being_removed",
    Removed = "removed",
});
