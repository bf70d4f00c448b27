//! Finding a guest code.

use store::guest_codes::{self, GuestCodeRecord};
use uuid::Uuid;

use crate::domain::lookup::Lookup;

/// A guest code that the person may manage.
pub fn find(lookup: &Lookup<'_>, id: Uuid) -> store::Result<Option<GuestCodeRecord>> {
    for scope in lookup.authority.scopes() {
        if let Some(guest) = guest_codes::get(lookup.db, scope, id)? {
            return Ok(Some(guest));
        }
    }
    Ok(None)
}
