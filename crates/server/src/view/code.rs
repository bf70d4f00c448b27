//! Residents' codes, without their digits.

use api_types::Code;
use store::Db;
use store::codes::CodeRecord;
use store::placements::{self, PlacementRecord};

use super::placement;
use super::time::instant;

/// A code with the given placements.
pub fn describe<'a>(
    record: &CodeRecord,
    placements: impl IntoIterator<Item = &'a PlacementRecord>,
    for_support: bool,
) -> Code {
    Code {
        id: record.id,
        origin: record.origin(),
        length: record.length,
        status: record.status(),
        changed_at: instant(record.created_at),
        placements: placement::describe_begun(placements, for_support),
    }
}

/// A code with all its placements.
pub fn describe_with_placements(db: &Db, record: &CodeRecord, for_support: bool) -> store::Result<Code> {
    Ok(describe(record, &placements::of_code(db, record.id)?, for_support))
}
