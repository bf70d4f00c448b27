//! Updating a code after one of its placements has changed.

use api_types::{MaybeKnown, PlacementReason, PlacementStatus};
use ids::CodeId;
use rusqlite::params;

use crate::sql::Named;
use crate::{Result, Tx, sql};
use placement::State as PlacementState;

/// Why a placement isn't as it should be, as of now. For one that waits, or whose removal does, that is whichever of hub and
/// lock is offline, hub first: nothing is known of a lock behind an offline hub. What was stored may be from another outage.
pub(super) fn reason_now(
    status: PlacementStatus,
    stored: Option<&MaybeKnown<PlacementReason>>,
    hub_online: bool,
    lock_online: bool,
) -> Option<MaybeKnown<PlacementReason>> {
    let held_up = matches!(status, PlacementStatus::Waiting | PlacementStatus::BeingRemoved);
    let unlinked = MaybeKnown::from(PlacementReason::NoLockLinked);
    if held_up && stored == Some(&unlinked) {
        return Some(unlinked);
    }
    match (hub_online, lock_online) {
        (false, _) if held_up => Some(PlacementReason::HubOffline.into()),
        (true, false) if held_up => Some(PlacementReason::LockOffline.into()),
        _ => {
            let offline = |reason| matches!(reason, PlacementReason::HubOffline | PlacementReason::LockOffline);
            stored.filter(|stored| !stored.known().is_some_and(offline)).cloned()
        }
    }
}

/// Frees the digits of an ended code on the locks that no longer hold it.
pub fn release_fingerprints(tx: &Tx, code_id: CodeId) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE placement SET fingerprint = NULL WHERE code_id = ? AND state = 'removed' AND fingerprint IS NOT NULL \
         AND (SELECT ended_at FROM code WHERE code.id = placement.code_id) IS NOT NULL",
        [code_id],
    )?;
    Ok(())
}

/// Works out a code's status, the worst of its placements, and stores it with the code and its tenancy.
pub fn refresh_status(tx: &Tx, code_id: CodeId) -> Result<()> {
    let rows: Vec<(Named<PlacementState>, bool)> =
        sql::all(tx, "SELECT state, wanted FROM placement WHERE code_id = ?", [code_id])?;
    let mut worst = PlacementStatus::Removed;
    for (Named(state), wanted) in rows {
        let begun = wanted || state != PlacementState::Pending;
        if begun && badness(state.status()) > badness(worst) {
            worst = state.status();
        }
    }
    sql::execute(tx, "UPDATE code SET status = ? WHERE id = ?", params![worst.name(), code_id])?;
    sql::execute(
        tx,
        "UPDATE tenancy SET code_status = ? WHERE id = (SELECT tenancy_id FROM code WHERE id = ?2) AND code_id = ?2",
        params![worst.name(), code_id],
    )?;
    Ok(())
}

fn badness(status: PlacementStatus) -> u8 {
    match status {
        PlacementStatus::Failed => 5,
        PlacementStatus::Waiting => 4,
        PlacementStatus::BeingRemoved => 3,
        PlacementStatus::Sending => 2,
        PlacementStatus::Working => 1,
        PlacementStatus::Removed => 0,
    }
}
