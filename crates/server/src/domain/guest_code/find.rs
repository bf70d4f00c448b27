//! Finding a guest code.

use store::guest_codes::{self, GuestCodeRecord};
use uuid::Uuid;

use crate::domain::look::Look;

/// A guest code that they may manage.
pub fn find(look: &Look<'_>, id: Uuid) -> store::Result<Option<GuestCodeRecord>> {
    for scope in look.authority.scopes() {
        if let Some(guest) = guest_codes::get(look.db, scope, id)? {
            return Ok(Some(guest));
        }
    }
    Ok(None)
}
