//! Guest codes: always random (R19).

use ids::{DoorId, GuestCodeId, PersonId, PropertyId, TenancyId};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{Instant, Placement};

named! {
    /// The kinds of guest codes (R20).
    pub enum GuestCodeKind {
        /// From a start to an end, at most 366 days.
        Temporary = "temporary",
        /// Chosen weekdays and a daily window between two dates.
        Recurring = "recurring",
        /// Works once; expires 2 hours after its start if unused.
        Delivery = "delivery",
        /// Until revoked.
        Permanent = "permanent",
    }
}

named! {
    /// Where a guest code is in its life.
    pub enum GuestCodeState {
        /// Its first window hasn't opened yet.
        Scheduled = "scheduled",
        /// Between the start of its first window and the end of its last.
        Live = "live",
        /// A delivery code that was used.
        Used = "used",
        /// Its last window is over.
        Expired = "expired",
        /// Revoked by a person, or with the tenancy.
        Revoked = "revoked",
    }
}

named! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

/// A daily window on chosen weekdays, in the property's time zone (R20, R22).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// Days on which a window starts; at least one.
    pub weekdays: Vec<Weekday>,
    /// Local time `HH:MM`.
    pub from: String,
    /// Local time `HH:MM`; at or before `from`, it is on the next day.
    pub to: String,
    /// Local date `YYYY-MM-DD`: the first day on which a window may start.
    pub first_day: String,
    /// Local date `YYYY-MM-DD`: the last day on which a window may start.
    pub last_day: String,
}

/// `POST /guest-codes` and `POST /guest-codes/preview`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuestCodeRequest {
    /// Which kind.
    pub kind: GuestCodeKind,
    /// At least one door, all of one property.
    pub door_ids: Vec<DoorId>,
    /// Whom it is for; 1–80 characters.
    pub guest_name: String,
    /// What the issuer's own papers call it, such as the number of an order; at most 64 characters (R45).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Temporary (required), delivery and permanent (now if absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// Temporary only (required).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// Recurring only (required).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// 4 or 6 digits; 6 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u8>,
}

/// `PATCH /guest-codes/{id}` and `POST /guest-codes/{id}/preview`: what is given is changed, everything else stays (R43).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuestCodeEdit {
    /// Not of a recurring code, nor of one that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// Temporary only. A time that is past ends the code at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// Recurring only, as a whole. Once the code has begun, its first day stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Empty for none; at most 64 characters, and never with the digits of the code (R45).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// `POST /guest-codes/search`: the list, restricted to guests of a name. That is in a body, since addresses end up in logs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuestCodeSearch {
    /// Parts of the guest's name or the reference, in any order; case and accents don't matter (R42). At most 80 characters.
    pub guest: String,
    /// The property; a manager who is a resident too sees their own guests without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<PropertyId>,
    /// The resident who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<TenancyId>,
    /// A door it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<DoorId>,
    /// Which kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<GuestCodeKind>,
    /// Where it is in its life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<GuestCodeState>,
    /// From the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A stretch of time during which the code opens its doors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Window {
    /// Its first instant.
    pub starts_at: Instant,
    /// The first instant after it; absent: open-ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

/// `POST /guest-codes/preview` and `POST /guest-codes/{id}/preview`: nothing is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestCodePreview {
    /// The property's IANA time zone, in which to show the windows.
    pub time_zone: String,
    /// The next five windows, or fewer if there aren't as many; none if a change would end the code at once.
    pub windows: Vec<Window>,
    /// There are more than those.
    pub more: bool,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonName {
    /// The person's id.
    pub id: PersonId,
    /// The person's name.
    pub name: String,
}

/// A guest code. Never with digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestCode {
    /// The code's id; revealing names it.
    pub id: GuestCodeId,
    /// Which kind.
    pub kind: GuestCodeKind,
    /// Whom it is for.
    pub guest_name: String,
    /// What the issuer's own papers call it (R45).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The property's id.
    pub property_id: PropertyId,
    /// The property's IANA time zone.
    pub time_zone: String,
    /// The doors it opens.
    pub door_ids: Vec<DoorId>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// For recurring ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Who issued it.
    pub issued_by: PersonName,
    /// When.
    pub issued_at: Instant,
    /// Where it is in its life.
    pub state: GuestCodeState,
    /// 4 or 6 digits.
    pub length: u8,
    /// The next windows, at most five, not yet over.
    pub next_windows: Vec<Window>,
    /// One for each door whose lock has or had it. A lock holds the code while a window is open and, as its property has it,
    /// shortly before (R44): so a scheduled code has none until then, and between windows they are `removed`. What is `working`
    /// opens its door, whether or not its window has begun.
    pub placements: Vec<Placement>,
    /// The caller issued it, or manages the property: may reveal, change and revoke it (R23, R43).
    pub may_manage: bool,
    /// The entity tag of this version, for `If-Match`.
    pub etag: String,
}

/// The answer to issuing: the digits are in it this once (R23). No `Debug`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedGuestCode {
    /// The guest code.
    #[serde(flatten)]
    pub guest_code: GuestCode,
    /// The digits.
    pub code: String,
}
