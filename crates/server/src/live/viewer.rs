//! Who may know of what (R33).

use ids::{BuildingId, PropertyId, TenancyId, UnitId};
use store::changes::LockChange;
use store::{Db, Millis, people};

use super::audience::Audience;
use crate::auth::{Authority, Credential};

/// A tenancy with what tells which doors are on its way.
struct Home {
    tenancy: TenancyId,
    property: PropertyId,
    unit: UnitId,
    building: Option<BuildingId>,
}

/// What somebody with a live session may know of.
pub(crate) struct Viewer {
    support: bool,
    administrator: bool,
    manages: Vec<PropertyId>,
    homes: Vec<Home>,
    /// When this has to be read again, although nobody has changed anything: the session expires, a tenancy begins or ends.
    pub(crate) until: Millis,
}

impl Viewer {
    /// What the holder of that credential may know of now; `None` if the session is over.
    pub(crate) fn read(db: &Db, credential: Credential, now: Millis) -> store::Result<Option<Self>> {
        let Some((authority, times)) = Authority::with_session(db, credential, now)? else { return Ok(None) };
        let mut homes = Vec::with_capacity(authority.tenancies.len());
        for tenancy in &authority.tenancies {
            homes.push(Home {
                tenancy: tenancy.id,
                property: tenancy.property_id,
                unit: tenancy.unit_id,
                building: people::building_of(db, tenancy.unit_id)?,
            });
        }
        let expires_at = times.idle_expires_at.min(times.absolute_expires_at);
        let tenancies_change = people::next_tenancy_change(db, authority.person_id, now)?;
        Ok(Some(Self {
            support: authority.support,
            administrator: authority.administrator,
            manages: authority.manages,
            homes,
            until: tenancies_change.map_or(expires_at, |at| at.min(expires_at)),
        }))
    }

    /// Whether they may know of something.
    pub(crate) fn may_know(&self, of: &Audience) -> bool {
        let manages = |property: Option<PropertyId>| property.is_some_and(|id| self.manages.contains(&id));
        let staff = self.support && (of.support || of.codes_of.is_some() || of.property.is_some())
            || self.administrator && of.property.is_some()
            || manages(of.codes_of)
            || manages(of.property);
        staff || self.homes.iter().any(|home| home.may_know(of))
    }
}

impl Home {
    fn may_know(&self, of: &Audience) -> bool {
        of.tenancy == Some(self.tenancy)
            || of.living_at == Some(self.property)
            || of.door.as_ref().is_some_and(|door| self.leads_through(door))
    }

    /// As `store::doors::for_guests_of_unit`.
    fn leads_through(&self, door: &LockChange) -> bool {
        let on_the_way = door.on_the_way
            && door.property_id == self.property
            && (door.building_id.is_none() || door.building_id == self.building);
        door.unit_id == Some(self.unit) || on_the_way
    }
}
