//! Reading the records on somebody's behalf.

use ids::TenancyId;
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Scope};

use super::{Done, Refusal};
use crate::auth::authority::Authority;

/// One state of the records, and what the person reading it may see. It is to reading what [`super::deed::Deed`] is to
/// changing; a deed can lend one too.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// The records.
    pub db: &'a Db,
    /// The time of the lookup.
    pub now: Millis,
    /// Who is reading, and what they may see.
    pub authority: &'a Authority,
}

impl Lookup<'_> {
    /// The person's own tenancy that they mean; the one that began last if they don't say (R39).
    ///
    /// # Errors
    /// `forbidden` for people who live nowhere now; `not_found` for a tenancy that isn't theirs now (R33).
    pub fn tenancy(&self, meant: Option<TenancyId>) -> Done<TenancyRecord> {
        let newest = self.authority.tenancies.first().ok_or_else(Refusal::role)?;
        let id = match meant {
            Some(meant) => self.authority.own(meant).ok_or_else(Refusal::not_found)?.id,
            None => newest.id,
        };
        Ok(tenancies::get(self.db, Scope::Tenancy(id), id)?.ok_or_else(Refusal::role)?)
    }
}
