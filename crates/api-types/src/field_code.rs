//! What is wrong with one field of a request, or one cell of a file.

use crate::named::named;

named! {
    /// The stable code of what is wrong with a field. A newer server may say codes that aren't in this list.
    pub enum FieldCode {
        /// Not of the kind that is taken there.
        Invalid = "invalid",
        /// It is needed and isn't there, or is empty.
        Required = "required",
        /// There is no such field.
        UnknownField = "unknown_field",
        /// The field is there twice.
        Duplicate = "duplicate",
        /// The text is not UTF-8.
        NotUtf8 = "not_utf8",
        /// Fewer characters than are needed.
        TooShort = "too_short",
        /// A password that many people use.
        TooCommon = "too_common",
        /// An address that can't be confirmed, for the server sends no mail.
        NoMail = "no_mail",
        /// Not the password that the person has.
        WrongPassword = "wrong_password",
        /// Somebody or something else has it already.
        Taken = "taken",
        /// More characters than are kept.
        TooLong = "too_long",
        /// Characters that can't be seen, such as zero-width ones and those that turn the direction (R42).
        UnseenCharacters = "unseen_characters",
        /// More items than may be.
        TooMany = "too_many",
        /// A row of digits, which might be a code (R32).
        HoldsDigits = "holds_digits",
        /// Digits were sent for a guest code (R19).
        GuestCodesAreRandom = "guest_codes_are_random",
        /// A code has 4 or 6 digits (R6).
        WrongLength = "wrong_length",
        /// A reason is needed to look at another's code (R30).
        ReasonRequired = "reason_required",
        /// The doors are of more than one property.
        SeveralProperties = "several_properties",
        /// Delivery codes don't open this door (R20).
        DeliveryNotForThisDoor = "delivery_not_for_this_door",
        /// A guest code of this kind doesn't take it.
        NotForThisKind = "not_for_this_kind",
        /// Not a point in time as RFC 3339 has it.
        NotAnInstant = "not_an_instant",
        /// Not a time of day.
        NotATime = "not_a_time",
        /// Not a date.
        NotADate = "not_a_date",
        /// It is over already.
        InThePast = "in_the_past",
        /// The end is not after the start.
        EndNotAfterStart = "end_not_after_start",
        /// Over more days than there may be (R20).
        WindowTooLong = "window_too_long",
        /// No weekday is chosen.
        NoWeekdays = "no_weekdays",
        /// The last day is before the first.
        LastDayBeforeFirstDay = "last_day_before_first_day",
        /// The code would never open a door.
        NoWindows = "no_windows",
        /// Too near to the end of time.
        OutOfRange = "out_of_range",
        /// The property has no such unit.
        UnknownUnit = "unknown_unit",
        /// Not a person's name.
        NotAName = "not_a_name",
        /// Not an email address.
        NotAnAddress = "not_an_address",
        /// The last day of a tenancy is before its first.
        BeforeMoveIn = "before_move_in",
        /// The resident is in the file twice.
        Twice = "twice",
        /// The tenancy was over before it is imported.
        AlreadyOver = "already_over",
        /// The last day is over: the resident would be moved out at once.
        MoveOutPast = "move_out_past",
        /// It has to be decided first (R40).
        Undecided = "undecided",
        /// It isn't the address of a hub's WebSocket server.
        NotAHubAddress = "not_a_hub_address",
        /// The connection wouldn't be encrypted, and leads to another machine.
        NotEncrypted = "not_encrypted",
        /// An address with a user name, a password or a fragment.
        HasSecrets = "has_secrets",
        /// It isn't there yet.
        ComesLater = "comes_later",
    }
}
