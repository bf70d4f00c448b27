//! Codes that are no longer for some door, though they may be for others (R36).

use ids::{CodeId, DoorId, GuestCodeId, PlacementId, UnitId};
use rusqlite::params;

use super::status::refresh_status;
use super::wanted::mark_unwanted;
use crate::{Db, Millis, Query, Result, Tx, sql};

/// A code that is for a door.
#[derive(Clone, Copy, Debug)]
pub struct AtDoor {
    /// Its placement there.
    pub placement_id: PlacementId,
    /// The code.
    pub code_id: CodeId,
    /// The door.
    pub door_id: DoorId,
    /// It is a guest's.
    pub guest: Option<GuestCodeId>,
}

sql::from_row!(AtDoor { placement_id, code_id, door_id, guest });

const SELECT: &str = "SELECT placement.id AS placement_id, placement.code_id, placement.door_id, guest_code.id AS guest \
     FROM placement JOIN code ON code.id = placement.code_id LEFT JOIN guest_code ON guest_code.id = placement.code_id ";

/// The codes that are for a door now, or will be when their window begins.
pub fn at_door(db: &Db, door_id: DoorId) -> Result<Vec<AtDoor>> {
    let mut query = Query::new(SELECT);
    query.push("WHERE placement.door_id = ").bind(door_id).push(" AND NOT placement.dropped AND code.ended_at IS NULL");
    query.all(db)
}

/// Whose guest codes are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Moved {
    /// Those for this door.
    Door(DoorId),
    /// Those that residents of this unit issued.
    Unit(UnitId),
}

/// Guest codes that are for a door although their issuer couldn't issue them for it now (R20, R21): it isn't on the way to
/// the resident's unit any more, or doesn't open to deliveries.
pub fn off_limits(db: &Db, moved: Moved) -> Result<Vec<AtDoor>> {
    let mut query = Query::new(SELECT);
    query.push(
        "JOIN door ON door.id = placement.door_id LEFT JOIN tenancy ON tenancy.id = guest_code.tenancy_id \
         LEFT JOIN unit ON unit.id = tenancy.unit_id WHERE guest_code.state IN ('scheduled', 'live') \
         AND NOT placement.dropped AND ((guest_code.kind = 'delivery' AND door.kind = 'amenity') \
         OR (guest_code.tenancy_id IS NOT NULL AND door.unit_id IS NOT unit.id AND NOT (door.kind = 'property' \
         AND (door.building_id IS NULL OR door.building_id IS unit.building_id))))",
    );
    match moved {
        Moved::Door(id) => query.push(" AND placement.door_id = ").bind(id),
        Moved::Unit(id) => query
            .push(" AND guest_code.tenancy_id IN (SELECT id FROM tenancy WHERE tenancy.unit_id = ")
            .bind(id)
            .push(")"),
    };
    query.all(db)
}

/// How many doors a code is for.
pub fn doors_of_code(db: &Db, code_id: CodeId) -> Result<u32> {
    sql::value(db, "SELECT count(DISTINCT door_id) FROM placement WHERE code_id = ? AND NOT dropped", [code_id])
}

/// Takes a code off a door for good: it is removed from the lock, and no window puts it back.
pub fn drop_from_door(tx: &Tx, id: PlacementId, now: Millis) -> Result<()> {
    mark_unwanted(tx, id, now)?;
    let at_former_locks: Vec<PlacementId> = sql::values(
        tx,
        "SELECT other.id FROM placement AS this JOIN lock ON lock.door_id = this.door_id AND lock.former_since IS NOT NULL \
         JOIN placement AS other ON other.code_id = this.code_id AND other.lock_id = lock.id \
         WHERE this.id = ? AND other.wanted",
        [id],
    )?;
    for id in at_former_locks {
        mark_unwanted(tx, id, now)?;
    }
    sql::execute(
        tx,
        "UPDATE placement SET dropped = 1, state = CASE state WHEN 'pending' THEN 'removed' ELSE state END WHERE id = ?",
        [id],
    )?;
    Ok(())
}

/// Gives a code back to a door that it was dropped from, wanted there now or later. Returns whether it had been there.
pub fn give_back(tx: &Tx, code_id: CodeId, door_id: DoorId, wanted: bool, now: Millis) -> Result<bool> {
    let given = sql::execute(
        tx,
        "UPDATE placement SET dropped = 0, wanted = ?1, since = ?2, generation = generation + 1, attempts = 0, \
         state = CASE WHEN ?1 OR state = 'removed' THEN 'pending' ELSE state END, \
         next_attempt_at = CASE WHEN ?1 THEN ?2 ELSE next_attempt_at END, \
         reason = NULL, evidence = NULL, protocol_error = NULL, cause = ?5 \
         WHERE code_id = ?3 AND door_id = ?4 AND dropped \
         AND (SELECT former_since FROM lock WHERE lock.id = placement.lock_id) IS NULL",
        params![wanted, now, code_id, door_id, tx.cause()],
    )?;
    super::wanted::wait_for_lock(tx, code_id)?;
    refresh_status(tx, code_id)?;
    Ok(given > 0)
}
