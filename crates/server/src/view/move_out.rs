//! How far the doors are with removing the codes of somebody who moved out.

use api_types::{MoveOut, PlacementStatus};
use store::tenancies::TenancyRecord;
use store::{Db, placements};

use super::placement;

/// How far the doors are with removing the codes of a tenancy that has ended (R24).
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, tenancy: &TenancyRecord, for_support: bool) -> store::Result<MoveOut> {
    let placements = placement::describe_begun(&placements::of_tenancy(db, tenancy.id)?, for_support);
    Ok(MoveOut {
        resident_id: tenancy.id,
        all_doors_confirmed: placements.iter().all(|placement| placement.status == PlacementStatus::Removed),
        placements,
    })
}
