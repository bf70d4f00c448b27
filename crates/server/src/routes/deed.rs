//! What every changing handler does around a deed of the domain: who does it, and committing it with its record.

use api_types::Role;
use axum::http::StatusCode;
use serde::Serialize;
use store::tenancies::{self, TenancyRecord};
use store::{Db, Scope, Tx};
use uuid::Uuid;

use crate::auth::Caller;
use crate::domain::guest_code::Issuer;
use crate::domain::reveal::Looker;
use crate::domain::{By, Done, Failure};
use crate::idempotency::{Answer, Once};
use crate::problem::{Problem, Result};

impl Caller {
    /// The caller as the domain knows them, acting as `role`.
    pub(super) fn by(&self, role: Role) -> By {
        By { person_id: Some(self.person_id), actor: self.actor_as(role), channel: self.channel() }
    }

    /// The whole record of the caller's current tenancy, if they have one.
    pub(super) async fn tenancy_record(&self, db: &mut Db) -> Result<Option<TenancyRecord>> {
        match self.tenancy {
            Some(tenancy) => Ok(tenancies::get(db, Scope::Tenancy(tenancy.id), tenancy.id).await?),
            None => Ok(None),
        }
    }

    /// The role in which they act where either a resident or a manager may: that of the record `tenancy_id` names.
    pub(super) fn role_towards(&self, tenancy_id: Option<Uuid>) -> Role {
        let own = self.tenancy.is_some_and(|tenancy| Some(tenancy.id) == tenancy_id);
        if own || self.manages.is_empty() { Role::Resident } else { Role::Manager }
    }

    /// What they may change: their own tenancy's, and that of the properties they manage.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let own = self.tenancy.map(|tenancy| Scope::Tenancy(tenancy.id));
        let managed = (!self.manages.is_empty()).then_some(Scope::ManagedBy(self.person_id));
        own.into_iter().chain(managed).collect()
    }

    /// What a manager or support may read.
    ///
    /// # Errors
    /// 403 `forbidden` for those who are neither.
    pub(super) fn office_scope(&self) -> Result<Scope> {
        if self.support {
            Ok(Scope::Everything)
        } else if self.manages.is_empty() {
            Err(Problem::role())
        } else {
            Ok(Scope::ManagedBy(self.person_id))
        }
    }

    /// What only a manager may do.
    ///
    /// # Errors
    /// 403 `forbidden` for those who manage nothing.
    pub(super) fn manager_scope(&self) -> Result<Scope> {
        if self.manages.is_empty() { Err(Problem::role()) } else { Ok(Scope::ManagedBy(self.person_id)) }
    }

    pub(super) fn issuer<'a>(&self, tenancy: Option<&'a TenancyRecord>) -> Issuer<'a> {
        Issuer { person_id: self.person_id, tenancy, is_manager: !self.manages.is_empty() }
    }

    pub(super) fn looker<'a>(&self, tenancy: Option<&'a TenancyRecord>) -> Looker<'a> {
        Looker { person_id: self.person_id, tenancy, is_manager: !self.manages.is_empty() }
    }
}

/// Commits a deed with its record, done or refused.
pub(super) async fn finish<T>(tx: Tx, done: Done<T>) -> Result<T> {
    match done {
        Ok(done) => {
            tx.commit().await?;
            Ok(done)
        }
        Err(Failure::Refused(refusal)) => {
            // Nothing is on record where the caller may not even know of the thing; then there is nothing to keep.
            if tx.has_recorded() {
                tx.commit().await?;
            }
            Err(refusal.into())
        }
        Err(Failure::Store(error)) => Err(error.into()),
    }
}

/// Commits a deed that is done once for its key. The transaction is `once`; `describe` makes the answer in it.
pub(super) async fn finish_once<T, B: Serialize>(
    mut once: Once,
    status: StatusCode,
    done: Done<T>,
    describe: impl AsyncFnOnce(&mut Tx, T) -> Result<(B, Option<Uuid>)>,
) -> Result<Answer> {
    match done {
        Ok(done) => {
            let (body, code_id) = describe(&mut once, done).await?;
            once.done(status, &body, code_id).await
        }
        Err(Failure::Refused(refusal)) => {
            let problem = Problem::from(refusal);
            Err(if once.has_recorded() { once.refused(problem).await? } else { problem })
        }
        Err(Failure::Store(error)) => Err(error.into()),
    }
}
