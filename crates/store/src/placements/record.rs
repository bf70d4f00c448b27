//! Placement records, and finding them.

use api_types::{Evidence, MaybeKnown, PlacementReason};
use ids::{CauseId, CodeId, DoorId, HubId, LockId, PlacementId, PropertyId, TenancyId};

use super::status::reason_now;
use crate::doors::push_ids;
use crate::{Db, Millis, Query, Result, sql};
use placement::State as PlacementState;

/// A placement.
#[derive(Clone, Debug)]
pub struct PlacementRecord {
    /// The placement's id.
    pub id: PlacementId,
    /// The code.
    pub code_id: CodeId,
    /// The property.
    pub property_id: PropertyId,
    /// The door.
    pub door_id: DoorId,
    /// The door's name.
    pub door_name: String,
    /// The lock.
    pub lock_id: LockId,
    /// The lock's hub.
    pub hub_id: HubId,
    /// Whether the lock should hold it now.
    pub wanted: bool,
    state: PlacementState,
    /// Since when it has been in this state.
    pub since: Millis,
    /// The lock's slot, while the lock may hold it.
    pub slot: Option<u16>,
    /// Incremented with every change to what is wanted.
    pub generation: i64,
    /// Attempts since what is wanted last changed.
    pub attempts: u32,
    /// Why it wasn't as it should be when it was last tried; what people are told is [`PlacementRecord::reason_now`].
    pub reason: Option<MaybeKnown<PlacementReason>>,
    /// How we know that it is on the lock: `accepted` or `read_back`.
    pub evidence: Option<MaybeKnown<Evidence>>,
    /// What the lock's protocol said; for support.
    pub protocol_error: Option<String>,
    /// The placement on the same lock that this one replaces (R27).
    pub replaces: Option<PlacementId>,
    /// What made it wanted or unwanted last.
    pub cause: Option<CauseId>,
    /// Whether the lock's hub is presumed online.
    pub hub_online: bool,
    /// Since when its lock, or the lock's hub, has been presumed offline.
    pub lock_offline_since: Option<Millis>,
    /// When the lock was last known to hold it.
    pub confirmed_at: Option<Millis>,
    /// Whether the door has another lock since, or none (R24).
    pub former_lock: bool,
}

sql::from_row!(PlacementRecord {
    id,
    code_id,
    property_id,
    door_id,
    door_name,
    lock_id,
    hub_id,
    wanted,
    state as Named,
    since as Moment,
    slot,
    generation,
    attempts,
    reason as NamedIfKnown,
    evidence as NamedIfKnown,
    protocol_error,
    replaces,
    cause,
    hub_online,
    lock_offline_since as Moment,
    confirmed_at as Moment,
    former_lock,
});

impl PlacementRecord {
    /// The state.
    pub fn state(&self) -> PlacementState {
        self.state
    }

    /// Whether it has ever been of interest: a guest code's placement isn't before its first window.
    pub fn has_begun(&self) -> bool {
        self.wanted || self.state != PlacementState::Pending
    }

    /// Why it isn't as it should be, as of now.
    pub fn reason_now(&self) -> Option<MaybeKnown<PlacementReason>> {
        // Behind an offline hub it doesn't matter what is presumed of the lock.
        let lock_online = self.lock_offline_since.is_none();
        reason_now(self.state.status(), self.reason.as_ref(), self.hub_online, lock_online)
    }

    /// Whether its lock, or the lock's hub, is presumed offline.
    pub fn is_presumed_offline(&self) -> bool {
        self.lock_offline_since.is_some()
    }
}

pub(super) const SELECT: &str = "SELECT placement.id, placement.code_id, placement.property_id, placement.door_id, \
     door.name AS door_name, placement.lock_id, placement.hub_id, placement.wanted, placement.state, placement.since, \
     placement.slot, placement.generation, placement.attempts, placement.reason, placement.evidence, \
     placement.protocol_error, placement.replaces, placement.cause, hub.online AS hub_online, \
     CASE WHEN NOT hub.online THEN hub.since WHEN NOT lock.online THEN lock.since END AS lock_offline_since, \
     placement.confirmed_at, lock.former_since IS NOT NULL AS former_lock FROM placement \
     JOIN door ON door.id = placement.door_id JOIN lock ON lock.id = placement.lock_id \
     JOIN hub ON hub.id = placement.hub_id WHERE TRUE";

/// Leaves out what is off a door's former lock, where the code is or was for its lock now.
fn push_in_force(query: &mut Query) {
    query.push(
        " AND NOT (lock.former_since IS NOT NULL AND placement.state = 'removed' AND EXISTS (SELECT 1 \
         FROM placement AS now JOIN lock AS current ON current.id = now.lock_id WHERE now.code_id = placement.code_id \
         AND now.door_id = placement.door_id AND current.former_since IS NULL))",
    );
}

/// A code's readable placements, by door.
pub fn of_code(db: &Db, code_id: CodeId) -> Result<Vec<PlacementRecord>> {
    of_codes(db, &[code_id])
}

/// The readable placements of several codes, by door.
pub fn of_codes(db: &Db, code_ids: &[CodeId]) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    push_ids(&mut query, "placement.code_id", code_ids);
    push_in_force(&mut query);
    query.push(" ORDER BY door.sort_key, placement.id");
    query.all_readable(db)
}

/// The readable placements of every code of a tenancy: the resident's own, past ones included, and their guests'.
pub fn of_tenancy(db: &Db, tenancy_id: TenancyId) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.code_id IN (SELECT id FROM code WHERE tenancy_id = ").bind(tenancy_id);
    query.push(")");
    push_in_force(&mut query);
    query.push(" ORDER BY door.sort_key, placement.id");
    query.all_readable(db)
}

/// One placement.
pub fn get(db: &Db, id: PlacementId) -> Result<Option<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.id = ").bind(id);
    query.optional(db)
}

/// The placement that occupies this slot of this lock.
pub fn by_slot(db: &Db, lock_id: LockId, slot: u16) -> Result<Option<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id).push(" AND placement.slot = ").bind(slot);
    query.optional(db)
}

/// The wanted placements of a tenancy's resident codes on a lock: the current one and, until that is confirmed, those
/// before it.
pub fn wanted_resident_codes(db: &Db, tenancy_id: TenancyId, lock_id: LockId) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.lock_id = ").bind(lock_id);
    query.push(" AND placement.wanted AND placement.code_id IN (SELECT id FROM code WHERE tenancy_id = ");
    query.bind(tenancy_id).push(" AND holder = 'resident') ORDER BY placement.id DESC");
    query.all(db)
}

/// The codes that replace what a placement is about, by it: each may have been written over it (R27).
pub fn codes_over(db: &Db, id: PlacementId) -> Result<Vec<CodeId>> {
    sql::ids(db, "SELECT code_id FROM placement WHERE replaces = ?", [id])
}

/// Every readable placement that a lock may hold, to restore the simulated locks from after a restart.
pub fn with_slots(db: &Db) -> Result<Vec<PlacementRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND placement.slot IS NOT NULL");
    query.all_readable(db)
}
