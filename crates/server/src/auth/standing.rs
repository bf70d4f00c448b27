//! What a person is at this moment.

use api_types::Role;
use store::people::{self, CurrentTenancy, Person};
use store::{Db, Millis};
use uuid::Uuid;

/// What makes a person manager, resident or support now. Read anew for every request.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// May read everything. Never in the app.
    pub support: bool,
    /// The properties they manage. None in the app.
    pub manages: Vec<Uuid>,
    /// What makes them a resident now.
    pub tenancy: Option<CurrentTenancy>,
}

impl Standing {
    /// Of a person at `now`; for nobody the same queries are made, so that it takes as long.
    pub(crate) async fn of(db: &mut Db, person: Option<&Person>, now: Millis) -> store::Result<Self> {
        let id = person.map_or(Uuid::nil(), |person| person.id);
        Self::read(db, id, person.is_some_and(|person| person.support), now).await
    }

    pub(crate) async fn read(db: &mut Db, person_id: Uuid, support: bool, now: Millis) -> store::Result<Self> {
        Ok(Self {
            support,
            manages: people::manages(db, person_id).await?,
            tenancy: people::current_tenancy(db, person_id, now).await?,
        })
    }

    /// What is left of it in the app, which is the residents': its token can't be used to manage.
    pub(crate) fn in_the_app(self) -> Self {
        Self { tenancy: self.tenancy, ..Self::default() }
    }

    /// In the order manager, resident, support.
    pub fn roles(&self) -> Vec<Role> {
        [
            (!self.manages.is_empty(), Role::Manager),
            (self.tenancy.is_some(), Role::Resident),
            (self.support, Role::Support),
        ]
        .into_iter()
        .filter_map(|(is, role)| is.then_some(role))
        .collect()
    }

    /// The property that an event about the person as such belongs to: where they live, or the one they manage.
    /// With neither, support alone sees the event.
    pub(crate) fn home_property(&self) -> Option<Uuid> {
        match (&self.tenancy, self.manages.as_slice()) {
            (Some(tenancy), _) => Some(tenancy.property_id),
            (None, [only]) => Some(*only),
            (None, _) => None,
        }
    }
}

/// A role as events name it.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Manager => "manager",
        Role::Resident => "resident",
        Role::Support => "support",
    }
}
