//! What happens to codes when a right is lost (R24): nothing that was issued by it stays live.

use api_types::{Action, Said, Subject, SubjectKind};
use ids::{GuestCodeId, PersonId, PropertyId};
use store::{Db, Millis, Tx, guest_codes, people, tenancies};

use super::tenancy::sync_codes;
use super::{By, Done, Refusal, guest_code};

/// Disables a person: signs them out everywhere, takes their own codes off the locks until they are enabled again, and
/// revokes the guest codes they issued.
///
/// # Errors
/// `not_found` if nobody has that id.
pub fn disable(tx: &Tx, by: &By, person_id: PersonId, now: Millis) -> Done<()> {
    set_disabled(tx, by, person_id, true, now)
}

/// Enables a person again.
///
/// # Errors
/// `not_found` if nobody has that id.
pub fn enable(tx: &Tx, by: &By, person_id: PersonId, now: Millis) -> Done<()> {
    set_disabled(tx, by, person_id, false, now)
}

fn set_disabled(tx: &Tx, by: &By, person_id: PersonId, disabled: bool, now: Millis) -> Done<()> {
    let person = people::by_id(tx, person_id)?.ok_or_else(Refusal::not_found)?;
    people::set_disabled(tx, person_id, disabled.then_some(now))?;
    for tenancy_id in tenancies::not_ended_of_person(tx, person_id)? {
        sync_codes(tx, by, tenancy_id, now)?;
    }
    sweep(tx, by, Some(person_id), now)?;
    let action = if disabled { Action::PersonDisabled } else { Action::PersonEnabled };
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person_id.uuid()), name: person.name };
    tx.record(now, by.event(action, subject))?;
    Ok(())
}

/// Removes somebody as a manager of a property, and revokes the guest codes they issued there.
///
/// # Errors
/// `not_found` where they don't manage it.
pub fn remove_manager(tx: &Tx, by: &By, person_id: PersonId, property_id: PropertyId, now: Millis) -> Done<()> {
    let person = people::by_id(tx, person_id)?.ok_or_else(Refusal::not_found)?;
    if !people::remove_manager(tx, person_id, property_id)? {
        return Err(Refusal::not_found().into());
    }
    sweep(tx, by, Some(person_id), now)?;
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person_id.uuid()), name: person.name };
    let mut event = by.event(Action::PersonManagerRemoved, subject);
    event.property_id = Some(property_id);
    tx.record(now, event)?;
    Ok(())
}

/// Guest codes that are live although their issuer, one person or anybody, has lost the right to issue them. They are
/// found here however the right was lost.
///
/// # Errors
/// [`store::Error`].
pub fn without_right(db: &Db, issued_by: Option<PersonId>, now: Millis) -> store::Result<Vec<GuestCodeId>> {
    guest_codes::without_right(db, issued_by, now)
}

/// Revokes the codes found by [`without_right`]. Returns how many there were.
///
/// # Errors
/// [`store::Error`].
pub fn sweep(tx: &Tx, by: &By, issued_by: Option<PersonId>, now: Millis) -> store::Result<usize> {
    let found = without_right(tx, issued_by, now)?;
    let why = (Said::IssuerWithoutRight, "Whoever issued it has no right to it any more.");
    for id in &found {
        guest_code::revoke_without_right(tx, by, *id, why, now)?;
    }
    Ok(found.len())
}
