//! A person's deed, in its transaction.

use api_types::Role;
use ids::{PersonId, PropertyId, TenancyId};
use store::tenancies::{self, TenancyRecord};
use store::{Millis, Scope, Tx};

use super::lookup::Lookup;
use super::{By, Done, Refusal};
use crate::auth::authority::{Authority, Credential, Via};
use crate::clock::Clock;

/// A person's deed: the write transaction, and what the person may do as of that transaction.
///
/// It can only be made from a transaction, and can't outlive it. So the right to do something is read in the same state
/// in which it is done: a session that ended, a tenancy that is over or a property that was lost since the request came
/// no longer counts here.
pub struct Deed<'tx> {
    /// The transaction.
    pub tx: &'tx Tx,
    /// The time of the deed.
    pub now: Millis,
    /// Its real time, which limits of a day go by ([`Clock::real_time`]).
    pub real_time: Millis,
    authority: Authority,
}

impl<'tx> Deed<'tx> {
    /// A deed by whoever holds this credential.
    ///
    /// # Errors
    /// `signed_out` where it is no longer valid.
    pub fn by(tx: &'tx Tx, credential: Credential, clock: &Clock) -> Done<Self> {
        let now = clock.now();
        let authority = Authority::of_credential(tx, credential, now)?.ok_or_else(Refusal::signed_out)?;
        Ok(Self { tx, now, real_time: clock.real_time(), authority })
    }

    /// A deed on behalf of a person without a credential, for the demonstration's year.
    ///
    /// # Errors
    /// `signed_out` for somebody who may not sign in.
    pub fn in_the_name_of(tx: &'tx Tx, person_id: PersonId, via: Via, now: Millis) -> Done<Self> {
        let authority = Authority::of_person(tx, person_id, via, now)?.ok_or_else(Refusal::signed_out)?;
        Ok(Self { tx, now, real_time: now, authority })
    }

    /// What the person may read in the transaction.
    pub fn lookup(&self) -> Lookup<'_> {
        Lookup { db: self.tx, now: self.now, authority: &self.authority }
    }

    /// Who is acting, and what they may do.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The person.
    pub fn person_id(&self) -> PersonId {
        self.authority.person_id
    }

    /// The person as named in the audit log, in the role they act in.
    pub fn acting_as(&self, role: Role) -> By {
        By { actor: self.authority.actor_as(role), channel: self.authority.via.channel() }
    }

    /// The person as named in the audit log, towards what belongs to that tenancy, or to none: as its resident if it is
    /// their own (R39).
    pub fn acting_towards(&self, tenancy_id: Option<TenancyId>) -> By {
        By { actor: self.authority.actor_towards(tenancy_id), channel: self.authority.via.channel() }
    }

    /// The person as named in the audit log, in what concerns setting up a property: as its manager if they are, else as
    /// `role`.
    pub fn acting_at(&self, property_id: PropertyId, role: Role) -> By {
        let manages = self.authority.sees_codes_of(property_id) && self.authority.is_manager();
        self.acting_as(if manages { Role::Manager } else { role })
    }

    /// The tenancy they mean, for what only residents may do; the one that began last if they don't say (R39).
    ///
    /// # Errors
    /// As [`Lookup::tenancy`].
    pub fn tenancy(&self, meant: Option<TenancyId>) -> Done<TenancyRecord> {
        self.lookup().tenancy(meant)
    }

    /// The tenancy that began last, if they have one.
    pub fn tenancy_if_any(&self) -> store::Result<Option<TenancyRecord>> {
        match self.authority.tenancies.first() {
            Some(tenancy) => tenancies::get(self.tx, Scope::Tenancy(tenancy.id), tenancy.id),
            None => Ok(None),
        }
    }

    /// Allows what only administrators may do (R34).
    ///
    /// # Errors
    /// `forbidden` for everybody else.
    pub fn require_administrator(&self) -> Done<()> {
        if self.authority.administrator { Ok(()) } else { Err(Refusal::role().into()) }
    }

    /// The properties they may set up, and as what.
    ///
    /// # Errors
    /// `forbidden` for people who are neither administrators nor managers now.
    pub fn set_up_scope(&self) -> Done<(Scope, Role)> {
        let role = if self.authority.administrator { Role::Administrator } else { Role::Manager };
        Ok((self.authority.set_up_scope().ok_or_else(Refusal::role)?, role))
    }

    /// What they manage, for what only managers may do.
    ///
    /// # Errors
    /// `forbidden` for people who manage nothing now.
    pub fn manager_scope(&self) -> Done<Scope> {
        Ok(self.authority.manager_scope().ok_or_else(Refusal::role)?)
    }
}
