//! Parts of a property's layout.

use api_types::LayoutPart;
use store::layout::PartRecord;

use super::time::instant;
use crate::extract::etag;

/// A building, unit or door.
pub fn describe(record: &PartRecord) -> LayoutPart {
    LayoutPart {
        id: record.part().id(),
        kind: record.part().kind(),
        name: record.name.clone(),
        building_id: record.building_id,
        building: record.building.clone(),
        unit_id: record.unit_id,
        unit: record.unit.clone(),
        door_kind: record.door_kind().map(Into::into),
        retired_at: record.retired_at.map(instant),
        etag: etag(record.version).to_str().unwrap_or_default().to_owned(),
    }
}
