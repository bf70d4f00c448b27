//! Residents as a manager sees them.

use ids::TenancyId;
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{AccountState, Code, Instant, MaybeKnown, Placement, UndeliveredMail};

/// A resident by a tenancy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resident {
    /// The tenancy's id: a person who moves within a property is a new resident there.
    pub id: TenancyId,
    /// As shown to others.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The unit's name.
    pub unit: String,
    /// Local date, `YYYY-MM-DD`.
    pub move_in: String,
    /// Local date, `YYYY-MM-DD`; the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub move_out: Option<String>,
    /// When the tenancy ended and everything of it was revoked; absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// Their current code; their last one where the tenancy has ended.
    pub code: Code,
    /// What a lock may still hold besides: codes that they had before and, where the tenancy has ended, their guests'.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_codes: Vec<Placement>,
    /// How far they are on the way to signing in; only where one resident is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<AccountState>))]
    pub account: Option<MaybeKnown<AccountState>>,
    /// The last mail to them, if it didn't arrive; only where one resident is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<UndeliveredMail>,
}

named! {
    /// Which residents to list: where their tenancy is in time.
    pub enum TenancyStage {
        /// They live there.
        Current = "current",
        /// They haven't moved in.
        Upcoming = "upcoming",
        /// They have moved out.
        Former = "former",
    }
}

/// Which residents to list: by the app that they were last seen with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResidentApp {
    /// New enough for custom codes (R4).
    Ready,
    /// Too old for that.
    TooOld,
    /// They never signed in to the app.
    None,
}

/// `POST …/move-out`: everything of the tenancy is revoked; this is how far the doors are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoveOut {
    /// The tenancy.
    pub resident_id: TenancyId,
    /// Nothing of the tenancy opens a door any more.
    pub all_doors_confirmed: bool,
    /// Every placement of the tenancy's codes, the resident's own and their guests'.
    pub placements: Vec<Placement>,
}
