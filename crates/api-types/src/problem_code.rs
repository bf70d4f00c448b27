//! What programs decide on when a request is refused or fails.

use crate::named::named;

named! {
    /// The stable code of a problem. A newer server may say codes that aren't in this list.
    pub enum ProblemCode {
        /// The cursor is of another list.
        BadCursor = "bad_cursor",
        /// A cookie and a bearer token in one request.
        BothCredentials = "both_credentials",
        /// A deed without a usable `Idempotency-Key`.
        IdempotencyKeyRequired = "idempotency_key_required",
        /// The body is not JSON.
        MalformedJson = "malformed_json",
        /// No session, or one that is over.
        SignedOut = "signed_out",
        /// A wrong password, or an unknown or disabled person: nobody can tell which.
        WrongCredentials = "wrong_credentials",
        /// Another site's page asks for a change.
        CrossSite = "cross_site",
        /// The role doesn't allow it.
        Forbidden = "forbidden",
        /// The right password of somebody who is nothing here now.
        NoRole = "no_role",
        /// The app is for residents.
        NotAResident = "not_a_resident",
        /// The console's alone.
        NotOnMobile = "not_on_mobile",
        /// The resident app's alone (R5).
        NotOnWeb = "not_on_web",
        /// It isn't there, or the caller may not see it (R33).
        NotFound = "not_found",
        /// The address doesn't take this method.
        MethodNotAllowed = "method_not_allowed",
        /// Changed since it was read.
        Stale = "stale",
        /// The body didn't arrive in time.
        BodyTooSlow = "body_too_slow",
        /// The body is too large.
        TooLarge = "too_large",
        /// The body is of another type.
        UnsupportedMediaType = "unsupported_media_type",
        /// The `Idempotency-Key` came with another request before.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// Bad input, field by field.
        Invalid = "invalid",
        /// A field that isn't known.
        UnknownField = "unknown_field",
        /// An edit without `If-Match`.
        IfMatchRequired = "if_match_required",
        /// Too many attempts: wait.
        TooManyRequests = "too_many_requests",
        /// The fault is the server's.
        Internal = "internal",
        /// What it is about is damaged.
        RecordUnreadable = "record_unreadable",
        /// Given up: it may or may not have been done.
        TimedOut = "timed_out",
        /// The database failed: it may or may not have been done.
        StorageUnavailable = "storage_unavailable",
        /// The app is too old for custom codes (R4).
        AppTooOld = "app_too_old",
        /// Not for the unit of one's own tenancy (R1).
        NotYourUnit = "not_your_unit",
        /// For an amenity or property door (R2).
        NotAUnitDoor = "not_a_unit_door",
        /// The property hasn't enabled custom codes (R3).
        CustomCodesDisabled = "custom_codes_disabled",
        /// Neither four nor six digits (R6).
        CodeWrongLength = "code_wrong_length",
        /// Something other than digits (R6).
        CodeNotDigits = "code_not_digits",
        /// One digit repeated throughout (R7).
        CodeRepeatedDigit = "code_repeated_digit",
        /// A run of digits (R8).
        CodeConsecutive = "code_consecutive",
        /// Neutral on purpose (R10, R11).
        CodeUnavailableForThisDoor = "code_unavailable_for_this_door",
        /// Hub or lock is offline (R13).
        LockOffline = "lock_offline",
        /// Not every condition could be checked (R14).
        NotChecked = "not_checked",
        /// No random code is free (R18).
        CodesExhausted = "codes_exhausted",
        /// The unit has as many guest codes as its property allows.
        TooManyGuestCodes = "too_many_guest_codes",
        /// Digits were sent for a guest code (R19).
        GuestCodesAreRandom = "guest_codes_are_random",
        /// A delivery code for a door that those don't open (R20).
        DeliveryNotForThisDoor = "delivery_not_for_this_door",
        /// A look at digits without a reason (R30).
        ReasonRequired = "reason_required",
        /// There are as many links to the guest code as there may be.
        TooManyShares = "too_many_shares",
        /// The guest code hasn't begun.
        PassNotLive = "pass_not_live",
        /// The guest code has begun, so that its start can't be moved any more (R43).
        GuestCodeBegun = "guest_code_begun",
        /// The code opens nothing any more.
        CodeEnded = "code_ended",
        /// There is an administrator already, so nobody can become the first (R34).
        SetUpDone = "set_up_done",
        /// A one-time link that was used, replaced or is too old.
        LinkOver = "link_over",
        /// The person has a password already.
        AlreadyActive = "already_active",
        /// The person has no password yet, or can't sign in.
        NotActive = "not_active",
        /// The only administrator who can sign in (R34).
        LastAdministrator = "last_administrator",
        /// The file is no layout.
        LayoutNotReadable = "layout_not_readable",
        /// Some rows of the layout can't be imported, so none was.
        LayoutHasBadRows = "layout_has_bad_rows",
        /// The property's layout has changed since the dry run.
        LayoutMovedOn = "layout_moved_on",
        /// A part of the layout, or what it belongs to, is retired (R36).
        Retired = "retired",
        /// Somebody lives in the unit, or will.
        UnitOccupied = "unit_occupied",
        /// The building has units or doors.
        BuildingNotEmpty = "building_not_empty",
        /// The file is no roster.
        RosterNotReadable = "roster_not_readable",
        /// Some rows of the roster can't be imported, so none was.
        RosterHasBadRows = "roster_has_bad_rows",
        /// Something about the roster is left to decide: which column is which, the order of its dates, or what a row means (R40).
        RosterUndecided = "roster_undecided",
        /// The records have changed since the dry run (R40).
        RosterMovedOn = "roster_moved_on",
        /// The import can't be undone any more, or was undone already.
        UndoOver = "undo_over",
        /// The person has no email address, so they can't come in (R41).
        NoAddress = "no_address",
        /// A passkey that nobody can sign in with: unknown, removed, copied, or of somebody who is disabled. Nobody can tell which.
        PasskeyRefused = "passkey_refused",
        /// What a passkey was asked for was asked too long ago, answered already, or asked of another browser.
        PasskeyTooLate = "passkey_too_late",
        /// Passkeys don't work at the address by which this server is reached.
        PasskeysUnavailable = "passkeys_unavailable",
        /// Whoever has no password has to have signed in a moment ago.
        SignInAgain = "sign_in_again",
        /// Without it the person could no longer sign in.
        LastWayIn = "last_way_in",
        /// Locks of the hub are linked to doors.
        HubInUse = "hub_in_use",
        /// The hub can't be reached, or didn't answer in time.
        HubOffline = "hub_offline",
        /// The hub is there, but won't talk to this server.
        HubRejected = "hub_rejected",
        /// The lock is linked to a door.
        LockLinked = "lock_linked",
        /// The hub is still finding out what the lock can do.
        LockNotReady = "lock_not_ready",
        /// The door has no lock (R35).
        NoLockLinked = "no_lock_linked",
        /// The hub has no such lock.
        UnknownLock = "unknown_lock",
    }
}
