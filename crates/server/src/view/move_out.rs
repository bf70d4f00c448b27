//! How far the doors are with removing the codes of somebody who moved out.

use api_types::{MoveOut, Placement, PlacementStatus};
use store::tenancies::TenancyRecord;
use store::{Db, guest_codes, placements};

use super::placement;

/// How far the doors are with removing the codes of a tenancy that has ended (R24). A door with several of them says
/// which is which.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, tenancy: &TenancyRecord, for_support: bool) -> store::Result<MoveOut> {
    let guests = guest_codes::names_of_tenancy(db, tenancy.id)?;
    let records = placements::of_tenancy(db, tenancy.id)?;
    let placements: Vec<Placement> = records
        .iter()
        .filter(|record| record.has_begun())
        .map(|record| {
            let guest = guests.iter().find(|(id, _)| id.code() == record.code_id).map(|(_, name)| name.clone());
            let current = tenancy.code_id == Some(record.code_id);
            placement::describe_one_of_several(record, current, guest, for_support)
        })
        .collect();
    Ok(MoveOut {
        resident_id: tenancy.id,
        all_doors_confirmed: placements.iter().all(|placement| placement.status == PlacementStatus::Removed),
        placements,
    })
}
