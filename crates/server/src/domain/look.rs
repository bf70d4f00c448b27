//! Somebody's look at the records.

use store::{Db, Millis};

use crate::auth::authority::Authority;

/// What somebody looks at: one state of the records, and what they may do. For what only reads, what
/// [`super::deed::Deed`] is for what changes something; a deed can be looked from too.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The records.
    pub db: &'a Db,
    /// When.
    pub now: Millis,
    /// Who looks, and what they may see.
    pub authority: &'a Authority,
}
