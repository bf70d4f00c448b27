//! Reading the records on somebody's behalf.

use store::{Db, Millis};

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
