//! Finding a guest code.

use ids::GuestCodeId;
use store::guest_codes::{self, GuestCodeRecord};

use crate::domain::lookup::Lookup;

/// A guest code that the person may manage.
pub fn find(lookup: &Lookup<'_>, id: GuestCodeId) -> store::Result<Option<GuestCodeRecord>> {
    for scope in lookup.authority.scopes() {
        if let Some(guest) = guest_codes::get(lookup.db, scope, id)? {
            return Ok(Some(guest));
        }
    }
    Ok(None)
}
