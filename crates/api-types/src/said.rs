//! What the sentence of an event says (R31), so that it can be said in any language.

use crate::named::named;

named! {
    /// What an event says besides its action, outcome and code. Each comes with its values, in this order. Added to and
    /// never changed, as the log keeps them.
    pub enum Said {
        /// Nothing more.
        Nothing = "nothing",
        /// What somebody wrote: a reason. Its value is the event's detail.
        Reason = "reason",
        /// How many digits a code has. The number.
        Digits = "digits",
        /// What kind of guest code it is, of how many digits and for which doors. The kind, the number, the doors' names.
        GuestCode = "guest_code",
        /// At which door. Its name.
        Door = "door",
        /// At which door, and before its window began. The door's name.
        DoorBeforeWindow = "door_before_window",
        /// In which slot of a lock. The number.
        Slot = "slot",
        /// Read back from the lock of a door. Its name.
        ReadBack = "read_back",
        /// Accepted by the lock of a door, which can't be read back. Its name.
        Accepted = "accepted",
        /// Written over the code before it, for the lock of the door had no free slot. The door's name.
        Overwritten = "overwritten",
        /// It was over before.
        OverBefore = "over_before",
        /// It was on before.
        WasOn = "was_on",
        /// It was off before.
        WasOff = "was_off",
        /// What it was called before. The name.
        WasCalled = "was_called",
        /// When a guest code starts and ends now, and did before. Four instants; empty for an end that it doesn't have.
        TimesMoved = "times_moved",
        /// The weekdays, hours, first and last day of a guest code now, and before. Five values each; the weekdays with commas.
        HoursMoved = "hours_moved",
        /// What its issuer's papers call it.
        Reference = "reference",
        /// In which building it was before, and is now. Their names; empty for none.
        Moved = "moved",
        /// What it was for before, and is now. The kinds of doors.
        WasFor = "was_for",
        /// How many residents' codes no longer open a door, how many guest codes are revoked, and how many go on opening other
        /// doors.
        NoLongerOpen = "no_longer_open",
        /// On which hub. Its name.
        AtHub = "at_hub",
        /// How many codes are sent again. The number.
        CodesAgain = "codes_again",
        /// Somebody made sure of it at a door. The door's name.
        ByHand = "by_hand",
        /// The doors that it opened are retired.
        DoorsRetired = "doors_retired",
        /// It may no longer be for the doors that it opened.
        DoorsOffLimits = "doors_off_limits",
        /// How many there were before. The number.
        WasNumber = "was_number",
        /// How many minutes it is now, and was before. The numbers.
        Minutes = "minutes",
        /// At what time it was before. The time.
        WasAt = "was_at",
        /// In which language it is, and was before. Their codes; empty for none.
        Language = "language",
        /// Of a property. Its name.
        OfProperty = "of_property",
        /// Whoever issued it has lost the right to it.
        IssuerWithoutRight = "issuer_without_right",
        /// The resident who issued it has no current tenancy.
        IssuerWithoutTenancy = "issuer_without_tenancy",
        /// By the link that somebody shared. Their name.
        ByLinkOf = "by_link_of",
        /// Shown again to a request that was sent again.
        ShownAgain = "shown_again",
        /// What a roster changed. How many rows, new ones, changed ones, and ones that stayed as they were.
        Roster = "roster",
        /// What a layout added. How many buildings, units and doors, and doors that were there already.
        Layout = "layout",
        /// What a person manages. The property's name.
        Manages = "manages",
        /// From a first day on. The day.
        From = "from",
        /// From a first day to a last one. The days.
        FromTo = "from_to",
        /// From another session or the console.
        FromElsewhere = "from_elsewhere",
        /// In how many other places. The number.
        OtherPlaces = "other_places",
        /// How many times within a minute. The number.
        Times = "times",
        /// How many times more within the same minute. The number.
        TimesMore = "times_more",
        /// With which passkey. Its name.
        Passkey = "passkey",
        /// At the server's command line.
        CommandLine = "command_line",
    }
}
