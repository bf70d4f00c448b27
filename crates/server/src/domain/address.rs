//! Changing the address that somebody signs in with (R38).

use api_types::{Action, FieldCode, Invitation, ProblemCode, Role, Said, Subject, SubjectKind};
use ids::{PropertyId, TenancyId};
use store::one_time_links::{self, Purpose};
use store::people::{self, Person};
use store::sessions::IdHash;
use store::shares::SecretHash;
use store::{Db, Millis, Tx, tenancies};

use super::deed::Deed;
use super::passkey;
use super::password::require_only_resident;
use super::staff::address_taken;
use super::{By, Done, Refusal};
use crate::auth::authority::{Authority, Via};
use crate::auth::session::Secret;
use crate::mail::letter::{Letter, SHORT_LINK};
use crate::mail::post::{Addressee, Post};
use crate::text::Address;
use crate::view::time::instant;

/// That somebody may change their address: they gave their password, or have none and signed in a moment ago.
///
/// # Errors
/// `invalid`; `sign_in_again`.
pub fn require_own(deed: &Deed<'_>, session: &IdHash, by_password: bool) -> Done<()> {
    let person = passkey::person(deed)?;
    if person.has_password() && !by_password {
        return Err(Refusal::invalid("password", FieldCode::WrongPassword, "This isn’t your password.").into());
    }
    passkey::require_confirmed(deed.tx, session, &person, by_password, deed.now)
}

/// Sends a link to another address, which counts once it is confirmed by that link. An earlier link no longer works.
///
/// Whoever asks has shown that it is they ([`require_own`]).
///
/// # Errors
/// `invalid` for an address that somebody has, or where this server sends no mail.
pub fn request(deed: &Deed<'_>, email: &Address, secret: &Secret, post: Post) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    if !post.sends() {
        let detail = "This server sends no mail, so no address can be confirmed. Ask an administrator.";
        return Err(Refusal::invalid("email", FieldCode::NoMail, detail).into());
    }
    let authority = deed.authority();
    let person = people::by_id(tx, authority.person_id)?.ok_or_else(Refusal::not_found)?;
    if people::by_email(tx, email)?.is_some() {
        return Err(address_taken().into());
    }
    let by = deed.acting_as(authority.first_role());
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name.clone() };
    let mut event = by.event(Action::PersonAddressRequested, subject);
    event.property_id = authority.home_property();
    event.resident_id = authority.only_tenancy().map(|tenancy| tenancy.id);
    tx.record(now, event)?;
    let hash = secret.hash();
    one_time_links::insert_for(tx, Purpose::Address, &hash, person.id, Some(email), now, now + SHORT_LINK)?;
    let to = Addressee { person_id: Some(person.id), property_id: authority.home_property(), address: email };
    post.write(tx, now, to, &Letter::ConfirmAddress { name: person.name }, Some(secret))?;
    Ok(())
}

/// Corrects the address of a resident of a property that the person manages, who can't sign in yet: somebody mistyped it. Their
/// invitation, which went to the wrong address, no longer works.
///
/// # Errors
/// `not_found` for a resident they may not see (R33), or whose tenancy is over; `already_active` for somebody who has a password,
/// and changes it themselves; `forbidden` for somebody who is more than a resident of that property; `invalid`.
pub fn correct(deed: &Deed<'_>, property: PropertyId, id: TenancyId, email: &Address) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let tenancy = tenancies::get_in_property(tx, deed.manager_scope()?, property, id)?;
    let tenancy = tenancy.filter(|tenancy| tenancy.ended_at.is_none()).ok_or_else(Refusal::not_found)?;
    let person = people::by_id(tx, tenancy.person_id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: tenancy.name };
    let mut event = deed.acting_as(Role::Manager).event(Action::PersonAddressChanged, subject);
    event.property_id = Some(property);
    event.resident_id = Some(id);
    if person.password_hash.is_some() {
        let detail = "They can sign in already, and change their address themselves.";
        return Err(Refusal::new(ProblemCode::AlreadyActive, detail).record(tx, now, event)?);
    }
    require_only_resident(tx, person.id, property)?;
    if people::by_email(tx, email)?.is_some_and(|other| other.id != person.id) {
        return Err(address_taken().into());
    }
    people::replace_email(tx, person.id, email)?;
    one_time_links::end(tx, Purpose::Invitation, person.id)?;
    event.say(Said::Nothing, [], "Corrected before they first signed in.");
    tx.record(now, event)?;
    Ok(())
}

/// Which address a link confirms, and whose.
///
/// # Errors
/// `link_over` for one that was used, replaced or is too old, or whose person may not sign in.
pub fn open(db: &Db, secret: &SecretHash, now: Millis) -> Done<Invitation> {
    let Found { person, email, expires_at, .. } = found(db, secret, now)?;
    Ok(Invitation { name: person.name, email, expires_at: instant(expires_at), passkeys: false })
}

/// Gives the person the address that the link confirms, and tells them at the old one. Links to set a password that were sent
/// there no longer work.
///
/// # Errors
/// As [`open`]; `invalid` where somebody else has got that address meanwhile.
pub fn confirm(tx: &Tx, secret: &SecretHash, post: Post, now: Millis) -> Done<Invitation> {
    let Found { person, email, expires_at, authority } = found(tx, secret, now)?;
    if people::by_email(tx, &email)?.is_some() {
        return Err(address_taken().into());
    }
    people::replace_email(tx, person.id, &email)?;
    for purpose in [Purpose::Address, Purpose::Reset] {
        one_time_links::end(tx, purpose, person.id)?;
    }
    let by = By { actor: authority.actor_as(authority.first_role()), channel: Via::Web.channel() };
    let property_id = authority.home_property();
    record(tx, &by, &person, property_id, &authority, now)?;
    let to = Addressee { person_id: Some(person.id), property_id, address: &person.email };
    let letter = Letter::AddressChanged { name: person.name.clone(), address: email.clone() };
    post.write(tx, now, to, &letter, None)?;
    Ok(Invitation { name: person.name, email, expires_at: instant(expires_at), passkeys: false })
}

fn record(
    tx: &Tx,
    by: &By,
    person: &Person,
    property_id: Option<PropertyId>,
    authority: &Authority,
    now: Millis,
) -> store::Result<()> {
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name.clone() };
    let mut event = by.event(Action::PersonAddressChanged, subject);
    event.property_id = property_id;
    event.resident_id = authority.only_tenancy().map(|tenancy| tenancy.id);
    event.say(Said::Nothing, [], "Confirmed by a link that was sent there.");
    tx.record(now, event)?;
    Ok(())
}

struct Found {
    person: Person,
    email: String,
    authority: Authority,
    expires_at: Millis,
}

fn found(db: &Db, secret: &SecretHash, now: Millis) -> Done<Found> {
    let over = || {
        let detail = "This link was used or replaced, or is older than 30 minutes. Ask for a new one in your settings.";
        Refusal::new(ProblemCode::LinkOver, detail)
    };
    let link = one_time_links::find(db, Purpose::Address, secret, now)?.ok_or_else(over)?;
    let person = people::by_id(db, link.person_id)?.ok_or_else(over)?;
    let authority = Authority::of_person(db, person.id, Via::Web, now)?.ok_or_else(over)?;
    let email = link.email.ok_or_else(over)?;
    Ok(Found { person, email, authority, expires_at: link.expires_at })
}
