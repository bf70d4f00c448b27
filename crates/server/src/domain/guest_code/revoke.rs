//! Revoking a guest code (R24).

use api_types::{Action, GuestCodeState, Said};
use ids::GuestCodeId;
use store::{Millis, Tx, codes, guest_codes, placements};

use super::event::subject_event;
use crate::domain::deed::Deed;
use crate::domain::{By, Done, Refusal};

/// Revokes a guest code (R24). One that is already over stays as it is, which is no error.
///
/// # Errors
/// `not_found` outside the caller's scope (R33).
pub fn revoke(deed: &Deed<'_>, id: GuestCodeId) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    // Even one whose record is damaged can be revoked: only its owner has to be readable for that.
    let mut in_scope = false;
    for scope in deed.authority().scopes() {
        in_scope |= guest_codes::exists(tx, scope, id)?;
    }
    let holder = codes::holder(tx, id.code())?.filter(|_| in_scope).ok_or_else(Refusal::not_found)?;
    let by = deed.acting_towards(holder.tenancy_id);
    let mut event = subject_event(tx, &by, Action::GuestCodeRevoked, id)?;
    if !guest_codes::end_if_live(tx, id, GuestCodeState::Revoked)? {
        event.say(Said::OverBefore, [], "Was over already.");
    }
    codes::end(tx, id.code(), now)?;
    placements::set_wanted(tx, id.code(), false, now)?;
    tx.record(now, event)?;
    Ok(())
}

/// Revokes a guest code whose issuer has lost the right to it (R24), whatever else its record says.
///
/// # Errors
/// [`store::Error`].
pub(in crate::domain) fn revoke_without_right(
    tx: &Tx,
    by: &By,
    id: GuestCodeId,
    (said, detail): (Said, &str),
    now: Millis,
) -> store::Result<()> {
    guest_codes::end_if_live(tx, id, GuestCodeState::Revoked)?;
    codes::end(tx, id.code(), now)?;
    placements::set_wanted(tx, id.code(), false, now)?;
    let mut event = subject_event(tx, by, Action::GuestCodeRevoked, id)?;
    event.say(said, [], detail);
    tx.record(now, event)?;
    Ok(())
}
