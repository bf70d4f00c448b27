//! Placements of a property that aren't as they should be, with whose code each is and where.

use api_types::{MaybeKnown, Named, PlacementReason, PlacementStatus};
use ids::{CodeId, DoorId, HubId, PropertyId, TenancyId};

use super::status::reason_now;
use crate::{Db, Millis, Query, Result, sql};
use placement::State as PlacementState;

/// A placement that isn't on its lock but should be, or is but shouldn't be.
#[derive(Clone, Debug)]
pub struct OpenPlacement {
    /// The code.
    pub code_id: CodeId,
    /// The door.
    pub door_id: DoorId,
    state: PlacementState,
    /// Since when it has been in this state.
    pub since: Millis,
    reason: Option<MaybeKnown<PlacementReason>>,
    /// The door's name.
    pub door_name: String,
    /// The unit that the door belongs to.
    pub unit: Option<String>,
    /// Whether it is a guest's code.
    pub guest: bool,
    /// The resident's or guest's name.
    pub holder: String,
    /// The resident's tenancy, for a resident's code.
    pub tenancy_id: Option<TenancyId>,
    /// Whether that tenancy has ended.
    pub former: bool,
    /// Whether the resident has another code since.
    pub previous: bool,
    /// The lock's hub.
    pub hub_id: HubId,
    /// Whether the hub answered us when last heard from.
    pub hub_online: bool,
    /// Whether the lock answered its hub when last heard from.
    pub lock_online: bool,
    /// Since when the lock, or its hub, has been presumed offline.
    pub lock_offline_since: Option<Millis>,
}

sql::from_row!(OpenPlacement {
    code_id,
    door_id,
    state as Named,
    since as Moment,
    reason as NamedIfKnown,
    door_name,
    unit,
    guest,
    holder,
    tenancy_id,
    former,
    previous,
    hub_id,
    hub_online,
    lock_online,
    lock_offline_since as Moment,
});

impl OpenPlacement {
    /// The state.
    pub fn state(&self) -> PlacementState {
        self.state
    }

    /// Why it isn't as it should be, as of now.
    pub fn reason_now(&self) -> Option<MaybeKnown<PlacementReason>> {
        reason_now(self.state.status(), self.reason.as_ref(), self.hub_online, self.lock_online)
    }

    /// The same, or [`PlacementReason::Other`].
    pub fn reason_or_other(&self) -> MaybeKnown<PlacementReason> {
        self.reason_now().unwrap_or(PlacementReason::Other.into())
    }
}

/// The readable open placements of a property.
pub fn open_of_property(db: &Db, property_id: PropertyId) -> Result<Vec<OpenPlacement>> {
    sql::all_readable(
        db,
        "SELECT placement.id, placement.code_id, placement.door_id, placement.state, placement.since, \
         placement.reason, door.name AS door_name, unit.name AS unit, code.holder = 'guest' AS guest, \
         coalesce(guest_code.guest_name, tenancy.name, '') AS holder, \
         CASE WHEN code.holder = 'resident' THEN code.tenancy_id END AS tenancy_id, \
         coalesce(tenancy.ended_at IS NOT NULL AND code.holder = 'resident', 0) AS former, \
         coalesce(tenancy.code_id <> code.id AND code.holder = 'resident', 0) AS previous, \
         placement.hub_id, hub.online AS hub_online, lock.online AS lock_online, \
         CASE WHEN NOT hub.online THEN hub.since WHEN NOT lock.online THEN lock.since END AS lock_offline_since \
         FROM placement JOIN door ON door.id = placement.door_id JOIN code ON code.id = placement.code_id \
         JOIN lock ON lock.id = placement.lock_id JOIN hub ON hub.id = placement.hub_id \
         LEFT JOIN unit ON unit.id = door.unit_id LEFT JOIN guest_code ON guest_code.id = code.id \
         LEFT JOIN tenancy ON tenancy.id = code.tenancy_id \
         WHERE placement.property_id = ? AND placement.state NOT IN ('on_lock', 'removed') \
         AND (placement.wanted OR placement.state IN ('removing', 'removal_failed'))",
        [property_id],
    )
}

/// What a code's placement on some lock must be like, for lists of residents and guest codes. All given conditions must
/// hold for one placement.
#[derive(Clone, Debug, Default)]
pub struct OnLock {
    /// The status that people see.
    pub status: Option<PlacementStatus>,
    /// The door.
    pub door: Option<DoorId>,
    /// The hub of the lock.
    pub hub: Option<HubId>,
    /// Why it isn't as it should be; [`PlacementReason::Other`] for those without one.
    pub reason: Option<MaybeKnown<PlacementReason>>,
    /// Whether both lock and hub answer.
    pub reachable: Option<bool>,
}

impl OnLock {
    /// Whether there is any condition.
    pub fn is_any(&self) -> bool {
        self.status.is_some()
            || self.door.is_some()
            || self.hub.is_some()
            || self.reason.is_some()
            || self.reachable.is_some()
    }

    /// Whether an open placement fulfils it.
    pub fn fits(&self, open: &OpenPlacement) -> bool {
        self.status.is_none_or(|status| status == open.state().status())
            && self.door.is_none_or(|door| door == open.door_id)
            && self.hub.is_none_or(|hub| hub == open.hub_id)
            && self.reason.as_ref().is_none_or(|reason| *reason == open.reason_or_other())
            && self.reachable.is_none_or(|reachable| reachable == (open.hub_online && open.lock_online))
    }

    /// Adds the conditions to a query that has the table `placement`.
    pub(crate) fn push(&self, query: &mut Query) {
        if let Some(status) = self.status {
            let states = PlacementState::ALL.iter().filter(|state| state.status() == status);
            query.push(" AND placement.state IN (").bind_list(states.map(|state| state.name())).push(")");
            query.push(" AND (placement.wanted OR placement.state IN ('removing', 'removal_failed', 'removed'))");
        }
        if let Some(door) = self.door {
            query.push(" AND placement.door_id = ").bind(door);
        }
        if let Some(hub) = self.hub {
            query.push(" AND placement.hub_id = ").bind(hub);
        }
        if let Some(reason) = &self.reason {
            query
                .push(" AND coalesce(placement.reason, ")
                .bind(PlacementReason::Other.name())
                .push(") = ")
                .bind(reason.name());
        }
        if let Some(reachable) = self.reachable {
            query.push(
                " AND (SELECT lock.online AND hub.online FROM lock JOIN hub ON hub.id = lock.hub_id \
                 WHERE lock.id = placement.lock_id) = ",
            );
            query.bind(reachable);
        }
    }
}
