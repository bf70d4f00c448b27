//! The status and the title of each problem.

use api_types::ProblemCode;
use axum::http::StatusCode;

/// What always goes with a code. A new one is no problem before it has its line here.
#[rustfmt::skip]
pub(super) const fn kind(code: ProblemCode) -> (StatusCode, &'static str) {
    use ProblemCode as Code;
    match code {
        Code::BadCursor => (StatusCode::BAD_REQUEST, "The cursor is not of this list"),
        Code::BothCredentials => (StatusCode::BAD_REQUEST, "Two credentials at once"),
        Code::IdempotencyKeyRequired => (StatusCode::BAD_REQUEST, "An Idempotency-Key is needed"),
        Code::MalformedJson => (StatusCode::BAD_REQUEST, "The body is not JSON"),
        Code::SignedOut => (StatusCode::UNAUTHORIZED, "Not signed in"),
        Code::WrongCredentials => (StatusCode::UNAUTHORIZED, "Not signed in"),
        Code::CrossSite => (StatusCode::FORBIDDEN, "The request came from another site"),
        Code::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
        Code::NoRole => (StatusCode::FORBIDDEN, "Nothing to sign in to"),
        Code::NotAResident => (StatusCode::FORBIDDEN, "For residents"),
        Code::NotOnMobile => (StatusCode::FORBIDDEN, "Not in the app"),
        Code::NotOnWeb => (StatusCode::FORBIDDEN, "Not on the web"), // R5
        Code::NotFound => (StatusCode::NOT_FOUND, "Not found"), // R33
        Code::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed here"),
        Code::Stale => (StatusCode::PRECONDITION_FAILED, "Changed by someone else"),
        Code::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, "The body took too long"),
        Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
        Code::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body’s type isn’t accepted here"),
        Code::IdempotencyKeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "The Idempotency-Key was used before"),
        Code::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "The input is not valid"),
        Code::UnknownField => (StatusCode::UNPROCESSABLE_ENTITY, "An unknown field"),
        Code::IfMatchRequired => (StatusCode::PRECONDITION_REQUIRED, "If-Match is needed"),
        Code::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too many attempts"),
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
        Code::RecordUnreadable => (StatusCode::INTERNAL_SERVER_ERROR, "A record can’t be read"),
        Code::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "The request took too long"),
        Code::StorageUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "The records can’t be reached"),
        Code::AppTooOld => (StatusCode::FORBIDDEN, "The app is too old"), // R4
        Code::NotYourUnit => (StatusCode::FORBIDDEN, "Not your unit"), // R1
        Code::NotAUnitDoor => (StatusCode::FORBIDDEN, "Not a unit door"), // R2
        Code::CustomCodesDisabled => (StatusCode::FORBIDDEN, "Custom codes are off at this property"), // R3
        Code::CodeWrongLength => (StatusCode::UNPROCESSABLE_ENTITY, "The code has the wrong length"), // R6
        Code::CodeNotDigits => (StatusCode::UNPROCESSABLE_ENTITY, "The code has more than digits"), // R6
        Code::CodeRepeatedDigit => (StatusCode::UNPROCESSABLE_ENTITY, "The same digit throughout"), // R7
        Code::CodeConsecutive => (StatusCode::UNPROCESSABLE_ENTITY, "Consecutive digits"), // R8
        Code::CodeUnavailableForThisDoor => (StatusCode::CONFLICT, "Not available for this door"), // R11
        Code::LockOffline => (StatusCode::CONFLICT, "The lock can’t be reached"), // R13
        Code::NotChecked => (StatusCode::CONFLICT, "Not everything could be checked"), // R14
        Code::CodesExhausted => (StatusCode::CONFLICT, "No code is free"), // R18
        Code::TooManyGuestCodes => (StatusCode::CONFLICT, "Too many guest codes"),
        Code::GuestCodesAreRandom => (StatusCode::UNPROCESSABLE_ENTITY, "Guest codes are random"), // R19
        Code::DeliveryNotForThisDoor => (StatusCode::UNPROCESSABLE_ENTITY, "Not for this door"), // R20
        Code::ReasonRequired => (StatusCode::UNPROCESSABLE_ENTITY, "A reason is needed"), // R30
        Code::TooManyShares => (StatusCode::CONFLICT, "Too many links"),
        Code::PassNotLive => (StatusCode::CONFLICT, "The pass hasn’t started"),
        Code::GuestCodeBegun => (StatusCode::CONFLICT, "The code has begun"), // R43
        Code::CodeEnded => (StatusCode::CONFLICT, "The code no longer opens anything"),
        Code::SetUpDone => (StatusCode::NOT_FOUND, "Latchkey is set up"), // R34
        Code::LinkOver => (StatusCode::NOT_FOUND, "This link doesn’t work any more"), // R37
        Code::AlreadyActive => (StatusCode::CONFLICT, "They can sign in already"),
        Code::NotActive => (StatusCode::CONFLICT, "They can’t sign in yet"),
        Code::LastAdministrator => (StatusCode::CONFLICT, "The last administrator"), // R34
        Code::LayoutNotReadable => (StatusCode::UNPROCESSABLE_ENTITY, "The file can’t be read"),
        Code::LayoutHasBadRows => (StatusCode::UNPROCESSABLE_ENTITY, "Some rows can’t be imported"),
        Code::LayoutMovedOn => (StatusCode::CONFLICT, "The layout has changed"),
        Code::Retired => (StatusCode::CONFLICT, "It is retired"), // R36
        Code::UnitOccupied => (StatusCode::CONFLICT, "Somebody lives there"), // R36
        Code::BuildingNotEmpty => (StatusCode::CONFLICT, "The building is in use"), // R36
        Code::RosterNotReadable => (StatusCode::UNPROCESSABLE_ENTITY, "The file can’t be read"),
        Code::RosterHasBadRows => (StatusCode::UNPROCESSABLE_ENTITY, "Some rows can’t be imported"),
        Code::RosterUndecided => (StatusCode::UNPROCESSABLE_ENTITY, "Something is left to decide"), // R40
        Code::RosterMovedOn => (StatusCode::CONFLICT, "The records have changed"), // R40
        Code::UndoOver => (StatusCode::CONFLICT, "It can’t be undone"),
        Code::NoAddress => (StatusCode::CONFLICT, "They have no address"), // R41
        Code::PasskeyRefused => (StatusCode::UNAUTHORIZED, "Not signed in"),
        Code::PasskeyTooLate => (StatusCode::CONFLICT, "Too late for this passkey"),
        Code::PasskeysUnavailable => (StatusCode::CONFLICT, "Passkeys don’t work here"),
        Code::SignInAgain => (StatusCode::FORBIDDEN, "Sign in again first"),
        Code::LastWayIn => (StatusCode::CONFLICT, "The only way to sign in"),
        Code::HubInUse => (StatusCode::CONFLICT, "The hub is in use"), // R35
        Code::HubOffline => (StatusCode::CONFLICT, "The hub can’t be reached"),
        Code::HubRejected => (StatusCode::CONFLICT, "The hub says no"),
        Code::LockLinked => (StatusCode::CONFLICT, "The lock is in use"), // R35
        Code::LockNotReady => (StatusCode::CONFLICT, "The lock isn’t ready"),
        Code::NoLockLinked => (StatusCode::CONFLICT, "No lock is linked"), // R35
        Code::UnknownLock => (StatusCode::CONFLICT, "The hub has no such lock"),
    }
}
