//! What a resident sees of their own.

use ids::{PropertyId, TenancyId};
use serde::{Deserialize, Serialize};

use crate::{ChecklistItem, Code, Door};

/// `GET /me/access`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyAccess {
    /// Where.
    pub property: PropertyName,
    /// The tenancy that this is about.
    pub tenancy_id: TenancyId,
    /// All that the person has now, the one that began last first (R39); `?tenancy=` says which is meant.
    pub tenancies: Vec<MyTenancy>,
    /// The unit's name.
    pub unit: String,
    /// The unit's own doors, which the code opens.
    pub doors: Vec<Door>,
    /// Doors the resident may issue guest codes for: the unit's, and the property doors on the way (R21).
    pub guest_doors: Vec<Door>,
    /// Delivery codes may open the unit's doors (R20); else only property doors.
    pub delivery_opens_unit_doors: bool,
    /// The current code.
    pub code: Code,
    /// While the current one isn't confirmed on every lock: the one before, which still opens the door (R27).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_code: Option<Code>,
    /// Can I pick my own code? (R14)
    pub eligibility: Eligibility,
}

/// One of the person's own tenancies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyTenancy {
    /// The tenancy's id.
    pub id: TenancyId,
    /// Where.
    pub property: PropertyName,
    /// The unit's name.
    pub unit: String,
}

/// A property, as its residents see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PropertyName {
    /// The property's id.
    pub id: PropertyId,
    /// As people call it.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// Whom to write to when something doesn’t work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// Whom to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_phone: Option<String>,
}

/// Every condition for picking one's own code (R14), as of now and for the app last seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Eligibility {
    /// In the order of the rules.
    pub checklist: Vec<ChecklistItem>,
    /// What to do next, as a sentence.
    pub next_step: String,
}
