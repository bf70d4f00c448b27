//! The slot that a code may take, and what follows when a lock or hub comes or goes.

use ids::{CodeId, HubId, LockId, PlacementId};
use placement::Event;

use super::checks;
use super::life::tell;
use super::record::PlacementRecord;
use crate::{Db, Millis, Result, Tx, sql};

/// The lowest slot of the lock that no placement holds, and that may hold this code: guests' codes leave those free that
/// the residents behind the door need.
pub fn free_slot(db: &Db, placement: &PlacementRecord) -> Result<Option<u16>> {
    let lock_id = placement.lock_id;
    let total: u16 = sql::value(db, "SELECT slots_total FROM lock WHERE id = ?", [lock_id])?;
    // A code that isn't ours is left alone.
    let used: Vec<u16> = sql::values(
        db,
        "SELECT slot FROM placement WHERE lock_id = ?1 AND slot IS NOT NULL \
         UNION SELECT slot FROM unknown_code WHERE lock_id = ?1 ORDER BY slot",
        [lock_id],
    )?;
    let kept = if is_guests(db, placement.code_id)? { slots_kept(db, placement)? } else { 0 };
    if used.len() + kept as usize >= usize::from(total) {
        return Ok(None);
    }
    Ok((1..=total).find(|slot| used.binary_search(slot).is_err()))
}

fn is_guests(db: &Db, code_id: CodeId) -> Result<bool> {
    sql::value(db, "SELECT EXISTS (SELECT 1 FROM guest_code WHERE id = ?)", [code_id])
}

/// How many free slots of a unit door's lock are kept for the unit's residents: one for each whose code isn't there yet,
/// and one for a new code to be written before the old one is removed (R27). Other doors have no residents' codes.
fn slots_kept(db: &Db, placement: &PlacementRecord) -> Result<u32> {
    let residents: Option<u32> = sql::optional_value(
        db,
        "SELECT (SELECT count(*) FROM tenancy WHERE tenancy.unit_id = door.unit_id AND ended_at IS NULL) \
         FROM door WHERE id = ? AND unit_id IS NOT NULL",
        [placement.door_id],
    )?;
    let Some(residents) = residents else { return Ok(0) };
    let there: u32 = sql::value(
        db,
        "SELECT count(*) FROM placement JOIN code ON code.id = placement.code_id \
         WHERE placement.lock_id = ? AND placement.slot IS NOT NULL AND placement.wanted AND code.holder = 'resident'",
        [placement.lock_id],
    )?;
    Ok(residents.saturating_sub(there) + 1)
}

/// A lock has come back, with new batteries perhaps, or is gone: everything that is under way there is due now (R28), so that what people see of it
/// follows.
pub fn follow_lock(tx: &Tx, lock_id: LockId, online: bool, now: Millis) -> Result<()> {
    let sql = "SELECT id FROM placement WHERE lock_id = ?1 AND next_attempt_at IS NOT NULL \
               UNION SELECT id FROM placement WHERE lock_id = ?1 AND state <> 'removed' AND reason = 'lost_by_lock'";
    follow(tx, sql::ids(tx, sql, [lock_id])?, online, now)?;
    if online { checks::check_lock(tx, lock_id, now) } else { Ok(()) }
}

/// A hub has come back or is gone: the same for all of its locks.
pub fn follow_hub(tx: &Tx, hub_id: HubId, online: bool, now: Millis) -> Result<()> {
    let sql = "SELECT id FROM placement WHERE hub_id = ?1 AND next_attempt_at IS NOT NULL \
               UNION SELECT id FROM placement WHERE hub_id = ?1 AND reason = 'lost_by_lock'";
    follow(tx, sql::ids(tx, sql, [hub_id])?, online, now)?;
    if online { checks::check_hub(tx, hub_id, now) } else { Ok(()) }
}

/// What waited for a lock that answers again, as does its hub, is being sent; a removal that they held up is under way.
fn follow(tx: &Tx, placements: Vec<PlacementId>, online: bool, now: Millis) -> Result<()> {
    for id in placements {
        let event = if online {
            let sql = "SELECT lock.online AND hub.online FROM placement JOIN lock ON lock.id = placement.lock_id \
                       JOIN hub ON hub.id = placement.hub_id WHERE placement.id = ?";
            Event::Returned { reachable: sql::value(tx, sql, [id])? }
        } else {
            Event::WentAway
        };
        tell(tx, id, event, now)?;
    }
    Ok(())
}
