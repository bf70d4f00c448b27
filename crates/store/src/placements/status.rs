//! Updating a code after one of its placements has changed.

use api_types::PlacementStatus;
use ids::CodeId;
use rusqlite::params;

use super::state::PlacementState;
use crate::sql::Named;
use crate::{Result, Tx, sql};

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
