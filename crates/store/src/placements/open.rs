//! Placements of a property that aren't as they should be, with whose code each is and where.

use uuid::Uuid;

use super::state::PlacementState;
use crate::{Db, Millis, Result, sql};

/// A placement that isn't on its lock but should be, or is but shouldn't be.
#[derive(Clone, Debug)]
pub struct OpenPlacement {
    /// The code.
    pub code_id: Uuid,
    /// The door.
    pub door_id: Uuid,
    state: PlacementState,
    /// Since when it has been in this state.
    pub since: Millis,
    /// Why it isn't as it should be.
    pub reason: Option<String>,
    /// The door's name.
    pub door_name: String,
    /// The unit that the door belongs to.
    pub unit: Option<String>,
    /// Whether it is a guest's code.
    pub guest: bool,
    /// The resident's or guest's name.
    pub holder: String,
}

sql::from_row!(OpenPlacement {
    code_id,
    door_id,
    state as Named,
    since as Moment,
    reason,
    door_name,
    unit,
    guest,
    holder,
});

impl OpenPlacement {
    /// The state.
    pub fn state(&self) -> PlacementState {
        self.state
    }
}

/// The readable open placements of a property.
pub fn open_of_property(db: &Db, property_id: Uuid) -> Result<Vec<OpenPlacement>> {
    sql::all_readable(
        db,
        "SELECT placement.id, placement.code_id, placement.door_id, placement.state, placement.since, \
         placement.reason, door.name AS door_name, unit.name AS unit, code.holder = 'guest' AS guest, \
         coalesce(guest_code.guest_name, person.name, '') AS holder \
         FROM placement JOIN door ON door.id = placement.door_id JOIN code ON code.id = placement.code_id \
         LEFT JOIN unit ON unit.id = door.unit_id LEFT JOIN guest_code ON guest_code.id = code.id \
         LEFT JOIN tenancy ON tenancy.id = code.tenancy_id LEFT JOIN person ON person.id = tenancy.person_id \
         WHERE placement.property_id = ? AND placement.state NOT IN ('on_lock', 'removed') \
         AND (placement.wanted OR placement.state IN ('removing', 'removal_failed'))",
        [property_id],
    )
}
