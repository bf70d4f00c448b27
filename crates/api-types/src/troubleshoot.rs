//! What support sees of a resident's access: everything but digits (R26, R30).

use ids::{GuestCodeId, TenancyId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::named::named;
use crate::{
    AuditEvent, Code, Door, Eligibility, GuestCode, GuestCodeState, Instant, MaybeKnown, PropertyName, Resident,
    SubjectKind,
};

/// A resident among those found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundResident {
    /// The resident's id.
    pub id: TenancyId,
    /// Their name.
    pub name: String,
    /// Their unit's name.
    pub unit: String,
    /// Their property's name.
    pub property: String,
}

/// A guest code among those found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundGuestCode {
    /// The code's id.
    pub id: GuestCodeId,
    /// Whom it is for.
    pub guest_name: String,
    /// Its stage of life.
    pub state: GuestCodeState,
    /// The name of the unit whose resident issued it; absent if a manager did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The property's name.
    pub property: String,
}

/// `GET /troubleshoot/residents`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundResidents {
    /// At most 20, in the order of their names.
    pub items: Vec<FoundResident>,
    /// Guest codes with the words in their guest's name, at most 20, newest first.
    #[serde(default)]
    pub guest_codes: Vec<FoundGuestCode>,
    /// There are more of either: the words should say more.
    pub more: bool,
}

/// `GET /troubleshoot/residents/{id}`: why somebody's access is as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnosis {
    /// Who; their code's placements with slot, attempts and the protocol's error.
    pub resident: Resident,
    /// Where.
    pub property: PropertyName,
    /// The version of the app they last signed in with; absent if they never did, or it said none (R4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Every condition for picking a code of their own, now, with that app (R14).
    pub eligibility: Eligibility,
    /// The code before, while it still opens a door (R27).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_code: Option<Code>,
    /// The 20 newest guest codes that they issued; their placements with slot, attempts and the protocol's error.
    #[serde(default)]
    pub guest_codes: Vec<GuestCode>,
    /// Their unit's doors with lock and hub.
    pub doors: Vec<Door>,
}

/// `GET /troubleshoot/guest-codes/{id}`: why a guest code works or doesn't.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestCodeDiagnosis {
    /// Where.
    pub property: PropertyName,
    /// The code; its placements with slot, attempts and the protocol's error.
    pub guest_code: GuestCode,
    /// The 50 newest events about it, newest first (R31).
    pub events: Vec<AuditEvent>,
}

/// `GET /troubleshoot/damaged`: records that can't be read, which were set aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DamagedRecords {
    /// Those that are known, the oldest first, at most 200.
    pub items: Vec<DamagedRecord>,
}

named! {
    /// What a damaged record is of.
    pub enum DamagedKind {
        /// A resident's code.
        Code = "code",
        /// A guest code.
        GuestCode = "guest_code",
        /// A tenancy.
        Resident = "resident",
    }
}

impl From<DamagedKind> for SubjectKind {
    fn from(kind: DamagedKind) -> Self {
        match kind {
            DamagedKind::Code => Self::Code,
            DamagedKind::GuestCode => Self::GuestCode,
            DamagedKind::Resident => Self::Resident,
        }
    }
}

/// A record that can't be read. Everything else goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DamagedRecord {
    /// What it is a record of.
    #[cfg_attr(feature = "openapi", schema(value_type = DamagedKind))]
    pub kind: MaybeKnown<DamagedKind>,
    /// Which, by its id.
    pub id: Uuid,
    /// The property's name, where that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// What can't be read of it; never a value.
    pub detail: String,
    /// When it was found.
    pub found_at: Instant,
}
