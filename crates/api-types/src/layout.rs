//! The layout of a property: its buildings, units and doors (R36).

use ids::{BuildingId, UnitId};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::named::named;
use crate::{BadRow, DoorKind, Instant, MaybeKnown};

named! {
    /// What a part of a layout is.
    pub enum LayoutKind {
        /// A building.
        Building = "building",
        /// A unit.
        Unit = "unit",
        /// A door.
        Door = "door",
    }
}

/// A building, unit or door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayoutPart {
    /// Its id, which its address ends with: `/buildings/{id}`, `/units/{id}` or `/doors/{id}`.
    pub id: Uuid,
    /// What it is.
    pub kind: LayoutKind,
    /// As people call it.
    pub name: String,
    /// The building that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building_id: Option<BuildingId>,
    /// That building's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// The unit that a door belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_id: Option<UnitId>,
    /// That unit's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What a door is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DoorKind>))]
    pub door_kind: Option<MaybeKnown<DoorKind>>,
    /// When it was retired; absent while it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Instant>,
    /// The entity tag of this version, for `If-Match`.
    pub etag: String,
}

/// `POST /properties/{id}/buildings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBuilding {
    /// A name that no other building of the property has (R36).
    pub name: String,
}

/// `POST /properties/{id}/units`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUnit {
    /// A name that no other unit of the property has (R36).
    pub name: String,
    /// The building that it is in; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building_id: Option<BuildingId>,
}

/// `POST /properties/{id}/doors`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDoor {
    /// What it is for.
    pub kind: DoorKind,
    /// A name that no other door of the property has (R36); a unit's door that has none is called like the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The unit, for a unit's door alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_id: Option<UnitId>,
    /// The building that an amenity or property door is in; absent for the whole property. A unit's door is where its unit is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building_id: Option<BuildingId>,
}

/// `PATCH /buildings/{id}`, `/units/{id}` and `/doors/{id}`. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LayoutEdit {
    /// Another name, which nothing else of its kind has at the property (R36). A door that is called like its unit gets the
    /// unit's new name too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The building that a unit, an amenity or a property door is in from now on; `null` for none. A unit takes its doors along.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BuildingId>))]
    pub building_id: Option<Option<BuildingId>>,
    /// What a door that belongs to no unit is for: `amenity` or `property`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DoorKind>,
    /// `false` brings it back into use. It is retired with `DELETE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<bool>,
}

/// What is given, be it `null`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// The answer to `DELETE /buildings/{id}`, `/units/{id}` and `/doors/{id}`, and to its dry run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retirement {
    /// Nothing was changed.
    pub dry_run: bool,
    /// It had neither codes nor history, and is gone. Otherwise it is retired, and its name stays in the record (R36).
    pub deleted: bool,
    /// Doors that are no longer used.
    pub doors: u32,
    /// Residents' codes that no longer open them.
    pub resident_codes: u32,
    /// Guest codes that opened nothing else, and are revoked.
    pub guest_codes: u32,
    /// Guest codes that go on opening other doors.
    pub guest_codes_elsewhere: u32,
    /// As it is now; absent where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<LayoutPart>,
}

/// The answer to `POST /properties/{id}/layout` and to its dry run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayoutImport {
    /// Nothing was changed.
    pub dry_run: bool,
    /// Rows in the file, without the first line and empty ones.
    pub rows: u32,
    /// New buildings.
    pub buildings: u32,
    /// New units.
    pub units: u32,
    /// New doors.
    pub doors: u32,
    /// Doors that were there already.
    pub unchanged: u32,
    /// What can't be imported; empty when everything can.
    pub bad_rows: Vec<BadRow>,
    /// What would be added, in short, for `plan=` of the import: it then does just that or is refused (`layout_moved_on`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}
