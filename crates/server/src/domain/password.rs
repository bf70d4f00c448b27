//! Forgotten passwords: links to set another, and setting it (R38).

use api_types::{Action, Actor, ActorRole, Invitation, Outcome, ProblemCode, Role, Said, Subject, SubjectKind};
use ids::{PersonId, PropertyId, TenancyId};
use store::one_time_links::{self, Purpose};
use store::people::{self, Person};
use store::shares::SecretHash;
use store::{Db, Millis, Tx, sessions, tenancies};

use super::deed::Deed;
use super::invitation::WayIn;
use super::{By, Done, Refusal};
use crate::auth::authority::{Authority, Via};
use crate::auth::masked;
use crate::auth::session::Secret;
use crate::mail::letter::{Letter, SHORT_LINK};
use crate::mail::post::{Addressee, Post};
use crate::view::time::instant;

/// How long nobody can have the newest link replaced by asking for another: 10 minutes. So strangers who ask and ask keep
/// nobody from using the link that they were sent last, and fill nobody's mailbox.
const SETTLED_FOR: Millis = 10 * 60 * 1000;

/// Sends a link to set another password to whoever signs in with that address. Nothing tells whether anybody does.
///
/// # Errors
/// [`store::Error`].
pub fn forgot(tx: &Tx, email: &str, secret: &Secret, post: Post, now: Millis) -> store::Result<()> {
    let actor = Actor { id: None, name: "unknown".into(), role: ActorRole::Unknown.into() };
    let by = By { actor, channel: Via::Web.channel() };
    let person = people::by_email(tx, email)?;
    let name = person.as_ref().map_or_else(|| masked(email), |person| person.name.clone());
    let id = person.as_ref().map(|person| person.id.uuid());
    let mut event = by.event(Action::PersonPasswordForgotten, Subject { kind: SubjectKind::Person.into(), id, name });
    let authority =
        person.as_ref().map(|person| Authority::of_person(tx, person.id, Via::Web, now)).transpose()?.flatten();
    let may = authority.filter(|authority| !authority.roles().is_empty());
    let (Some(person), Some(authority)) = (person.filter(|person| person.password_hash.is_some()), may) else {
        event.outcome = Outcome::Refused;
        event.code = Some(ProblemCode::NotActive.name().to_owned());
        event.detail = "Nobody who can sign in has this address.".into();
        tx.record(now, event)?;
        return Ok(());
    };
    let current = one_time_links::current(tx, Purpose::Reset, person.id, now)?;
    if current.is_some_and(|link| now - link.created_at < SETTLED_FOR) {
        return Ok(());
    }
    event.property_id = authority.home_property();
    event.resident_id = authority.only_tenancy().map(|tenancy| tenancy.id);
    event.say(Said::Nothing, [], "A link to set another password was sent.");
    tx.record(now, event)?;
    write_link(tx, &person, authority.home_property(), secret, post, now)?;
    Ok(())
}

/// Makes a link with which a member of the staff sets another password, to be handed over.
///
/// # Errors
/// `forbidden` for anybody but administrators; `not_found` for somebody who isn't on the staff; `not_active`.
pub fn offer_to_staff(deed: &Deed<'_>, id: PersonId, secret: &Secret, post: Post) -> Done<(Millis, bool)> {
    deed.require_administrator()?;
    people::staff_member(deed.tx, id, deed.now)?.ok_or_else(Refusal::not_found)?;
    offer(deed.tx, &deed.acting_as(Role::Administrator), id, None, secret, post, deed.now)
}

/// Makes a link with which a resident of a property that the person manages sets another password, to be handed over.
///
/// # Errors
/// `not_found` for a resident they may not see (R33), or whose tenancy is over; `forbidden` for somebody who is more than a
/// resident of that property: whoever has the link could act as them elsewhere too; `not_active`.
pub fn offer_to_resident(
    deed: &Deed<'_>,
    property: PropertyId,
    id: TenancyId,
    secret: &Secret,
    post: Post,
) -> Done<(Millis, bool)> {
    let Deed { tx, now, .. } = *deed;
    let tenancy = tenancies::get_in_property(tx, deed.manager_scope()?, property, id)?;
    let tenancy = tenancy.filter(|tenancy| tenancy.ended_at.is_none()).ok_or_else(Refusal::not_found)?;
    require_only_resident(tx, tenancy.person_id, property)?;
    let by = deed.acting_as(Role::Manager);
    offer(tx, &by, tenancy.person_id, Some((property, id)), secret, post, now)
}

/// That somebody is a resident of that property and nothing else, so that its managers may act for them.
///
/// # Errors
/// `forbidden`.
pub(super) fn require_only_resident(db: &Db, id: PersonId, property: PropertyId) -> Done<()> {
    let administrator = people::by_id(db, id)?.is_some_and(|person| person.administrator);
    if administrator || !people::is_only_resident_of(db, id, property)? {
        let detail = "They are more than a resident of this property. Ask an administrator, or let them use “Forgot your \
                      password?”.";
        return Err(Refusal::new(ProblemCode::Forbidden, detail).into());
    }
    Ok(())
}

/// Makes such a link at the server's own command line.
///
/// # Errors
/// `not_found`, `not_active`.
pub fn offer_from_command_line(tx: &Tx, id: PersonId, secret: &Secret, now: Millis) -> Done<Millis> {
    offer(tx, &By::system(), id, None, secret, Post::none(), now).map(|(expires_at, _)| expires_at)
}

fn offer(
    tx: &Tx,
    by: &By,
    id: PersonId,
    resident: Option<(PropertyId, TenancyId)>,
    secret: &Secret,
    post: Post,
    now: Millis,
) -> Done<(Millis, bool)> {
    let person = people::by_id(tx, id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(id.uuid()), name: person.name.clone() };
    let mut event = by.event(Action::PersonPasswordLink, subject);
    event.property_id = resident.map(|(property, _)| property);
    event.resident_id = resident.map(|(_, resident)| resident);
    if person.password_hash.is_none() || person.disabled_at.is_some() {
        let detail = if person.disabled_at.is_some() {
            "They are kept from signing in. Enable them first."
        } else {
            "They have no password yet. Invite them instead."
        };
        return Err(Refusal::new(ProblemCode::NotActive, detail).record(tx, now, event)?);
    }
    tx.record(now, event)?;
    let mailed = write_link(tx, &person, resident.map(|(property, _)| property), secret, post, now)?;
    Ok((now + SHORT_LINK, mailed))
}

fn write_link(
    tx: &Tx,
    person: &Person,
    property_id: Option<PropertyId>,
    secret: &Secret,
    post: Post,
    now: Millis,
) -> store::Result<bool> {
    one_time_links::insert_for(tx, Purpose::Reset, &secret.hash(), person.id, None, now, now + SHORT_LINK)?;
    let to = Addressee { person_id: Some(person.id), property_id, address: &person.email };
    post.write(tx, now, to, &Letter::Reset { name: person.name.clone() }, Some(secret))
}

/// Whose password a link sets.
///
/// # Errors
/// `link_over` for one that was used, replaced or is too old, or whose person may not sign in.
pub fn open(db: &Db, secret: &SecretHash, now: Millis) -> Done<Invitation> {
    let (person, _, expires_at) = found(db, secret, now)?;
    Ok(Invitation { name: person.name, email: person.email, expires_at: instant(expires_at), passkeys: false })
}

/// Whose password a link sets, to ask their device for a passkey.
///
/// # Errors
/// As [`open`].
pub fn whose(db: &Db, secret: &SecretHash, now: Millis) -> Done<Person> {
    Ok(found(db, secret, now)?.0)
}

/// Gives the person that password, or that passkey instead of any that they have. They are signed out everywhere and told, and
/// no link that they have works any more.
///
/// # Errors
/// As [`open`]; `invalid` for a passkey that there is already, or for who has as many as one may have.
pub fn reset(tx: &Tx, secret: &SecretHash, way_in: &WayIn, post: Post, now: Millis) -> Done<Invitation> {
    let (person, authority, expires_at) = found(tx, secret, now)?;
    sessions::end_all_of(tx, person.id)?;
    for purpose in [Purpose::Reset, Purpose::Invitation, Purpose::Address] {
        one_time_links::end(tx, purpose, person.id)?;
    }
    let by = By { actor: authority.actor_as(authority.first_role()), channel: Via::Web.channel() };
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name.clone() };
    let mut event = by.event(Action::PersonPasswordChanged, subject);
    event.property_id = authority.home_property();
    event.resident_id = authority.only_tenancy().map(|tenancy| tenancy.id);
    let name = person.name.clone();
    let letter = match way_in {
        WayIn::Password(hash) => {
            people::set_password_hash(tx, person.id, hash)?;
            Letter::PasswordChanged { name }
        }
        WayIn::Passkey(passkey) => {
            passkey.add(tx, &person, event.clone(), now)?;
            event.action = Action::PersonPasswordRemoved;
            Letter::PasskeyAdded { name, passkey: passkey.name.to_string() }
        }
    };
    event.say(Said::Nothing, [], "By a link to set another password; signed out everywhere.");
    tx.record(now, event)?;
    let to = Addressee { person_id: Some(person.id), property_id: authority.home_property(), address: &person.email };
    post.write(tx, now, to, &letter, None)?;
    Ok(Invitation { name: person.name, email: person.email, expires_at: instant(expires_at), passkeys: false })
}

fn found(db: &Db, secret: &SecretHash, now: Millis) -> Done<(Person, Authority, Millis)> {
    let over = || {
        let detail = "This link was used or replaced, or is older than 30 minutes. Ask for a new one.";
        Refusal::new(ProblemCode::LinkOver, detail)
    };
    let link = one_time_links::find(db, Purpose::Reset, secret, now)?.ok_or_else(over)?;
    let person = people::by_id(db, link.person_id)?.ok_or_else(over)?;
    let authority = Authority::of_person(db, person.id, Via::Web, now)?.ok_or_else(over)?;
    Ok((person, authority, link.expires_at))
}
