//! What a person may do, according to one state of the records.

use api_types::{Actor, ActorRole, Channel, ChannelKind, Role, User};
use ids::{PersonId, PropertyId, TenancyId};
use store::people::{self, CurrentTenancy, Person};
use store::sessions::{self, App as ResidentApp, IdHash};
use store::{Db, Millis, Scope};

/// The channel that a credential was issued for, permanently bound to it (R4, R5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// The console, with its cookie.
    Web,
    /// The resident app, with a bearer token.
    Mobile(ResidentApp),
}

impl Via {
    /// The channel to record in an event.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Web => Channel { kind: ChannelKind::Web, platform: None, app_version: None },
            Self::Mobile(app) => {
                Channel { kind: ChannelKind::Mobile, platform: app.platform.clone(), app_version: app.version.clone() }
            }
        }
    }
}

/// How a request is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    /// The console's cookie.
    Cookie,
    /// The app's token.
    Bearer,
}

/// What a request is authenticated with. It holds only the hash of the secret, which can't be used to sign in. No
/// `Debug`.
#[derive(Clone, Copy)]
pub struct Credential {
    pub(crate) id_hash: IdHash,
    pub(crate) kind: CredentialKind,
}

/// A person with a live session or token, and what they may do.
///
/// It is valid for the state of the records that it was read from. A handler's own was read when the request came in,
/// and serves to turn people away early; the one that decides is what a deed reads in its own transaction
/// ([`crate::domain::deed::Deed`]).
#[derive(Clone, Debug)]
pub struct Authority {
    /// The person.
    pub person_id: PersonId,
    /// As shown to others.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The channel that the credential belongs to.
    pub via: Via,
    /// Whether they may read everything. Never in the app.
    pub support: bool,
    /// Whether they set up properties and staff (R34). Never in the app.
    pub administrator: bool,
    /// When that was so.
    pub now: Millis,
    /// The properties they manage. None in the app.
    pub manages: Vec<PropertyId>,
    /// The tenancies that make them a resident at present, the one that began last first (R39).
    pub tenancies: Vec<CurrentTenancy>,
}

/// The roles that are kept with the person.
#[derive(Clone, Copy, Default)]
struct Office {
    support: bool,
    administrator: bool,
}

impl Office {
    fn of(person: &Person) -> Self {
        Self { support: person.support, administrator: person.administrator }
    }
}

/// A session's times, apart from what its person may do.
pub(crate) struct SessionTimes {
    pub(crate) last_seen_at: Millis,
    pub(crate) idle_expires_at: Millis,
    pub(crate) absolute_expires_at: Millis,
}

impl Authority {
    /// The authority of whoever holds this credential; `None` if it isn't valid, or no longer.
    pub(crate) fn of_credential(db: &Db, credential: Credential, now: Millis) -> store::Result<Option<Self>> {
        Ok(Self::with_session(db, credential, now)?.map(|(authority, _)| authority))
    }

    pub(crate) fn with_session(
        db: &Db,
        credential: Credential,
        now: Millis,
    ) -> store::Result<Option<(Self, SessionTimes)>> {
        let Some(session) = sessions::live(db, &credential.id_hash, now)? else { return Ok(None) };
        let via = match (session.app, credential.kind) {
            (None, CredentialKind::Cookie) => Via::Web,
            (Some(app), CredentialKind::Bearer) => Via::Mobile(app),
            // One kind of credential never passes for the other.
            _ => return Ok(None),
        };
        let times = SessionTimes {
            last_seen_at: session.last_seen_at,
            idle_expires_at: session.idle_expires_at,
            absolute_expires_at: session.absolute_expires_at,
        };
        let authority = Self {
            person_id: session.person_id,
            name: session.name,
            email: session.email,
            ..Self::current(
                db,
                session.person_id,
                Office { support: session.support, administrator: session.administrator },
                via,
                now,
            )?
        };
        Ok((!authority.roles().is_empty()).then_some((authority, times)))
    }

    /// The authority of a person, however they are signed in; `None` if they may not sign in at all.
    pub(crate) fn of_person(db: &Db, person_id: PersonId, via: Via, now: Millis) -> store::Result<Option<Self>> {
        match people::by_id(db, person_id)? {
            Some(person) if person.disabled_at.is_none() => {
                let current = Self::current(db, person_id, Office::of(&person), via, now)?;
                Ok(Some(Self { person_id, name: person.name, email: person.email, ..current }))
            }
            _ => Ok(None),
        }
    }

    /// The authority of somebody who is trying to sign in. The same queries are made for nobody, so that it takes as
    /// long.
    pub(crate) fn of_sign_in(db: &Db, person: Option<&Person>, via: Via, now: Millis) -> store::Result<Self> {
        let id = person.map_or(PersonId::NIL, |person| person.id);
        Self::current(db, id, person.map(Office::of).unwrap_or_default(), via, now)
    }

    fn current(db: &Db, person_id: PersonId, roles: Office, via: Via, now: Millis) -> store::Result<Self> {
        let manages = people::manages(db, person_id)?;
        let tenancies = people::current_tenancies(db, person_id, now)?;
        // The app is for residents: its token can't be used to manage.
        let office = via == Via::Web;
        Ok(Self {
            person_id,
            name: String::new(),
            email: String::new(),
            support: roles.support && office,
            administrator: roles.administrator && office,
            manages: if office { manages } else { Vec::new() },
            tenancies,
            now,
            via,
        })
    }

    /// In the order manager, resident, support, administrator.
    pub fn roles(&self) -> Vec<Role> {
        [
            (!self.manages.is_empty(), Role::Manager),
            (self.is_resident(), Role::Resident),
            (self.support, Role::Support),
            (self.administrator, Role::Administrator),
        ]
        .into_iter()
        .filter_map(|(is, role)| is.then_some(role))
        .collect()
    }

    /// The person in the API's form.
    pub fn user(&self) -> User {
        User { id: self.person_id, name: self.name.clone(), email: self.email.clone(), roles: self.roles() }
    }

    /// The actor of an event in which the person acts as `role`, in whatever concerns no one tenancy.
    pub fn actor_as(&self, role: Role) -> Actor {
        let name = match self.only_tenancy() {
            // The property's managers see the event, and know them by the name in their roster.
            Some(tenancy) if role == Role::Resident => tenancy.name.clone(),
            _ => self.name.clone(),
        };
        Actor { id: Some(self.person_id), name, role: ActorRole::from(role).into() }
    }

    /// The actor of an event that concerns what belongs to that tenancy, or to none: its resident if it is their own.
    pub fn actor_towards(&self, tenancy_id: Option<TenancyId>) -> Actor {
        match tenancy_id.and_then(|id| self.own(id)) {
            Some(tenancy) => Actor {
                id: Some(self.person_id),
                name: tenancy.name.clone(),
                role: ActorRole::from(Role::Resident).into(),
            },
            None => self.actor_as(self.role_towards(tenancy_id)),
        }
    }

    /// Whether they live anywhere now.
    pub fn is_resident(&self) -> bool {
        !self.tenancies.is_empty()
    }

    /// Their own current tenancy with that id.
    pub fn own(&self, id: TenancyId) -> Option<&CurrentTenancy> {
        self.tenancies.iter().find(|tenancy| tenancy.id == id)
    }

    /// Whether what belongs to that tenancy, or to none, is theirs.
    pub fn owns(&self, tenancy_id: Option<TenancyId>) -> bool {
        tenancy_id.is_some_and(|id| self.own(id).is_some())
    }

    /// Their tenancy, if they have one and no other. What they do as a person concerns no property where they have several.
    pub fn only_tenancy(&self) -> Option<&CurrentTenancy> {
        match self.tenancies.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The role for an event where the deed doesn't determine it: the first of [`Authority::roles`].
    pub fn first_role(&self) -> Role {
        self.roles().first().copied().unwrap_or(Role::Resident)
    }

    /// The role in which they act where both a resident and a manager may: resident if `tenancy_id` is their own or they
    /// manage nothing.
    pub fn role_towards(&self, tenancy_id: Option<TenancyId>) -> Role {
        if self.owns(tenancy_id) || self.manages.is_empty() { Role::Resident } else { Role::Manager }
    }

    /// Whether they manage any property.
    pub fn is_manager(&self) -> bool {
        !self.manages.is_empty()
    }

    /// What is theirs as a resident; `None` if they live nowhere now.
    pub fn resident_scope(&self) -> Option<Scope> {
        match self.tenancies.as_slice() {
            [] => None,
            [only] => Some(Scope::Tenancy(only.id)),
            _ => Some(Scope::LivesIn(self.person_id, self.now)),
        }
    }

    /// What they may change: their own tenancies', and what belongs to the properties they manage.
    pub fn scopes(&self) -> Vec<Scope> {
        self.resident_scope().into_iter().chain(self.manager_scope()).collect()
    }

    /// What they manage; `None` if nothing.
    pub fn manager_scope(&self) -> Option<Scope> {
        self.is_manager().then_some(Scope::ManagedBy(self.person_id))
    }

    /// The properties that they may see as such, with their doors: those they manage, or all for support and
    /// administrators. `None` for everybody else.
    pub fn property_scope(&self) -> Option<Scope> {
        if self.support || self.administrator { Some(Scope::Everything) } else { self.manager_scope() }
    }

    /// Whether they may see whose codes there are at a property: its managers and support, and no administrator (R34).
    pub fn sees_codes_of(&self, property: PropertyId) -> bool {
        self.support || self.manages.contains(&property)
    }

    /// The properties that they may set up: those they manage, or all for administrators (R34).
    pub fn set_up_scope(&self) -> Option<Scope> {
        if self.administrator { Some(Scope::Everything) } else { self.manager_scope() }
    }

    /// What they may read as a manager or support; `None` if they are neither.
    pub fn staff_scope(&self) -> Option<Scope> {
        if self.support { Some(Scope::Everything) } else { self.manager_scope() }
    }

    /// The property that an event about the person as such belongs to: where they live, or the one they manage. With
    /// neither, or where they live in several, only support sees the event (R39).
    pub fn home_property(&self) -> Option<PropertyId> {
        match (self.tenancies.as_slice(), self.manages.as_slice()) {
            ([first, others @ ..], _) => {
                let one = others.iter().all(|tenancy| tenancy.property_id == first.property_id);
                one.then_some(first.property_id)
            }
            ([], [only]) => Some(*only),
            ([], _) => None,
        }
    }
}
