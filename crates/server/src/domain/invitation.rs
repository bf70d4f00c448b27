//! Invitations: the one-time links by which people get a password of their own (R37), and the first administrator (R34).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use api_types::{AccountState, Action, Actor, ActorRole, Invitation, ProblemCode, Role, Said, Subject, SubjectKind};
use ids::{PersonId, PropertyId, TenancyId};
use store::one_time_links::Purpose;
use store::people::{self, NewPerson, Person};
use store::shares::SecretHash;
use store::tenancies::TenancyRecord;
use store::{Db, Millis, Scope, Tx, one_time_links, properties, sessions, tenancies};

use super::deed::Deed;
use super::passkey::InsteadOfPassword;
use super::{By, Done, Refusal};
use crate::auth::authority::{Authority, Via};
use crate::auth::session::Secret;
use crate::mail::letter::Letter;
use crate::mail::post::{Addressee, Post};
use crate::view::time::instant;

const HOUR: Millis = 60 * 60 * 1000;
/// How long an invitation to the staff is valid (R37).
pub const STAFF: Millis = 72 * HOUR;
/// How long an invitation of a resident is valid (R37).
pub const RESIDENT: Millis = 14 * 24 * HOUR;
/// How long the link to make the first administrator is valid.
pub const SET_UP: Millis = 24 * HOUR;

/// Makes a link with which somebody becomes the first administrator, in place of any earlier one. Returns whether there
/// is none yet; otherwise nothing is made.
pub fn offer_set_up(tx: &Tx, secret: &SecretHash, now: Millis) -> store::Result<bool> {
    if people::has_administrator(tx, None)? {
        return Ok(false);
    }
    one_time_links::insert_set_up(tx, secret, now, now + SET_UP)?;
    Ok(true)
}

/// Whether this is the link to make the first administrator.
///
/// # Errors
/// `set_up_done` once there is an administrator; `link_over` for any other secret.
pub fn check_set_up(db: &Db, secret: &SecretHash, now: Millis) -> Done<()> {
    if people::has_administrator(db, None)? {
        let detail = "Latchkey has an administrator already. Ask them to invite you, or sign in.";
        return Err(Refusal::new(ProblemCode::SetUpDone, detail).into());
    }
    if !one_time_links::is_set_up(db, secret, now)? {
        let detail = "This link was replaced or is too old. `latchkey set-up-link` prints a new one.";
        return Err(Refusal::new(ProblemCode::LinkOver, detail).into());
    }
    Ok(())
}

/// Makes the first administrator.
///
/// # Errors
/// As [`check_set_up`]; `invalid` for an address that somebody has.
pub fn set_up(tx: &Tx, secret: &SecretHash, name: &str, email: &str, hash: &str, now: Millis) -> Done<Person> {
    check_set_up(tx, secret, now)?;
    let id = PersonId::generate();
    if people::by_email(tx, email)?.is_some() {
        return Err(super::staff::address_taken().into());
    }
    people::insert(tx, now, &NewPerson { id, email, name, password_hash: Some(hash), support: false })?;
    people::set_administrator(tx, id, true)?;
    one_time_links::end_set_up(tx)?;
    let actor = Actor { id: Some(id), name: name.to_owned(), role: ActorRole::Administrator.into() };
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(id.uuid()), name: name.to_owned() };
    let mut event = By { actor, channel: web() }.event(Action::PersonAdministratorAdded, subject);
    event.say(Said::Nothing, [], "The first administrator, by the link that the server printed.");
    tx.record(now, event)?;
    Ok(people::by_id(tx, id)?.ok_or_else(Refusal::not_found)?)
}

/// Invites a resident of a property that the person manages. An earlier invitation no longer works. Returns when this one
/// ends, and whether it goes there by mail.
///
/// # Errors
/// `not_found` for a resident they may not see (R33), or whose tenancy is over; `already_active` for somebody who can
/// sign in; `not_invitable` for somebody who is disabled.
pub fn invite_resident(
    deed: &Deed<'_>,
    property: PropertyId,
    id: TenancyId,
    secret: &Secret,
    post: Post,
) -> Done<(Millis, bool)> {
    let Deed { tx, now, .. } = *deed;
    let tenancy = tenancies::get_in_property(tx, deed.manager_scope()?, property, id)?;
    let tenancy = tenancy.filter(|tenancy| tenancy.ended_at.is_none()).ok_or_else(Refusal::not_found)?;
    let by = deed.acting_as(Role::Manager);
    let of = Some((property, id));
    invite(tx, &by, tenancy.person_id, of, Means { secret, post, lasts: RESIDENT }, now)
}

/// Invites several residents of a property that the person manages, as [`invite_resident`] does each. Returns what became of
/// each, in the same order: who can't be invited is left out and keeps nobody else from it. Somebody with two homes is invited
/// once: a second link would void the first.
///
/// # Errors
/// `not_found` for a property that they don't manage (R33).
pub fn invite_residents<'a>(
    deed: &Deed<'_>,
    property: PropertyId,
    residents: &'a [(TenancyId, Secret)],
    post: Post,
) -> Done<Vec<Result<Invited<'a>, Refusal>>> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    properties::get(tx, scope, property)?.ok_or_else(Refusal::not_found)?;
    let by = deed.acting_as(Role::Manager);
    let mut done = Vec::with_capacity(residents.len());
    let mut links: HashMap<PersonId, (&Secret, Millis, bool)> = HashMap::new();
    for (id, secret) in residents {
        let tenancy = tenancies::get_in_property(tx, scope, property, *id)?;
        let Some(tenancy) = tenancy.filter(|tenancy| tenancy.ended_at.is_none()) else {
            done.push(Err(Refusal::not_found()));
            continue;
        };
        let person = people::by_id(tx, tenancy.person_id)?.ok_or_else(Refusal::not_found)?;
        if let Some(refusal) = not_invitable(&person) {
            done.push(Err(refusal));
            continue;
        }
        let (secret, expires_at, mailed) = match links.entry(person.id) {
            Entry::Occupied(link) => *link.get(),
            Entry::Vacant(link) => {
                let means = Means { secret, post, lasts: RESIDENT };
                let (expires_at, mailed) = invite(tx, &by, person.id, Some((property, *id)), means, now)?;
                *link.insert((secret, expires_at, mailed))
            }
        };
        done.push(Ok(Invited { tenancy, secret, expires_at, mailed }));
    }
    Ok(done)
}

/// A resident who has been invited.
pub struct Invited<'a> {
    /// Their tenancy.
    pub tenancy: TenancyRecord,
    /// The secret of their link.
    pub secret: &'a Secret,
    /// When it stops working.
    pub expires_at: Millis,
    /// Whether it goes there by mail.
    pub mailed: bool,
}

/// Invites a member of the staff.
///
/// # Errors
/// `forbidden` for anybody but administrators; `not_found` for somebody who isn't on the staff; as [`invite_resident`].
pub fn invite_staff(deed: &Deed<'_>, id: PersonId, secret: &Secret, post: Post) -> Done<(Millis, bool)> {
    deed.require_administrator()?;
    let Deed { tx, now, .. } = *deed;
    people::staff_member(tx, id, now)?.ok_or_else(Refusal::not_found)?;
    let means = Means { secret, post, lasts: STAFF };
    invite(tx, &deed.acting_as(Role::Administrator), id, None, means, now)
}

/// Invites somebody at the server's own command line.
///
/// # Errors
/// As [`invite_resident`].
pub fn invite_from_command_line(tx: &Tx, id: PersonId, secret: &Secret, now: Millis) -> Done<Millis> {
    let means = Means { secret, post: Post::none(), lasts: STAFF };
    invite(tx, &By::system(), id, None, means, now).map(|(expires_at, _)| expires_at)
}

/// By what somebody comes in.
struct Means<'a> {
    secret: &'a Secret,
    post: Post,
    lasts: Millis,
}

fn invite(
    tx: &Tx,
    by: &By,
    id: PersonId,
    resident: Option<(PropertyId, TenancyId)>,
    Means { secret, post, lasts }: Means<'_>,
    now: Millis,
) -> Done<(Millis, bool)> {
    let person = people::by_id(tx, id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(id.uuid()), name: person.name.clone() };
    let mut event = by.event(Action::PersonInvited, subject);
    event.property_id = resident.map(|(property, _)| property);
    event.resident_id = resident.map(|(_, resident)| resident);
    if let Some(refusal) = not_invitable(&person) {
        return Err(refusal.record(tx, now, event)?);
    }
    let expires_at = now + lasts;
    one_time_links::insert_for(tx, Purpose::Invitation, &secret.hash(), id, None, now, expires_at)?;
    tx.record(now, event)?;
    let property_id = resident.map(|(property, _)| property).or(match people::manages(tx, id)?.as_slice() {
        [only] => Some(*only),
        _ => None,
    });
    let place = property_id.map(|id| properties::get(tx, Scope::Everything, id)).transpose()?.flatten();
    let days = u32::try_from(lasts / (24 * HOUR)).unwrap_or_default();
    let letter = Letter::Invitation { name: person.name, place: place.map(|place| place.name), days };
    let to = Addressee { person_id: Some(id), property_id, address: &person.email };
    Ok((expires_at, post.write(tx, now, to, &letter, Some(secret))?))
}

/// Why somebody can't be invited, if so.
fn not_invitable(person: &Person) -> Option<Refusal> {
    let (code, detail) = if person.disabled_at.is_some() {
        (ProblemCode::AlreadyActive, "They are kept from signing in. Enable them first.")
    } else if person.password_hash.is_some() {
        (ProblemCode::AlreadyActive, "They have a password already, so they need no invitation.")
    } else if person.email.is_empty() {
        (ProblemCode::NoAddress, "They have no email address to sign in with. Import a roster that has it first.")
    } else {
        return None;
    };
    Some(Refusal::new(code, detail))
}

/// Whom an invitation is for.
///
/// # Errors
/// `link_over` for one that was used, replaced or is too old, whose person was disabled, or who has nothing here any
/// more.
pub fn open(db: &Db, secret: &SecretHash, now: Millis) -> Done<Invitation> {
    let (person, expires_at) = invited(db, secret, now)?;
    Ok(Invitation { name: person.name, email: person.email, expires_at: instant(expires_at), passkeys: false })
}

/// Whom an invitation is for, to ask their device for a passkey.
///
/// # Errors
/// As [`open`].
pub fn whom(db: &Db, secret: &SecretHash, now: Millis) -> Done<Person> {
    Ok(invited(db, secret, now)?.0)
}

/// By what somebody signs in from now on.
pub enum WayIn {
    /// A password with this hash.
    Password(String),
    /// A passkey.
    Passkey(InsteadOfPassword),
}

/// Accepts an invitation: the person gets their password or passkey, and the link stops working.
///
/// # Errors
/// As [`open`]; `invalid` for a passkey that there is already.
pub fn accept(tx: &Tx, secret: &SecretHash, way_in: &WayIn, now: Millis) -> Done<Invitation> {
    let (person, expires_at) = invited(tx, secret, now)?;
    sessions::end_all_of(tx, person.id)?;
    one_time_links::end(tx, Purpose::Invitation, person.id)?;
    let role = Authority::of_person(tx, person.id, Via::Web, now)?.map_or(Role::Resident, |person| person.first_role());
    let actor = Actor { id: Some(person.id), name: person.name.clone(), role: ActorRole::from(role).into() };
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name.clone() };
    let mut event = By { actor, channel: web() }.event(Action::PersonInvitationAccepted, subject);
    let tenancies = people::current_tenancies(tx, person.id, now)?;
    event.property_id = tenancies.first().map(|tenancy| tenancy.property_id);
    event.resident_id = tenancies.first().map(|tenancy| tenancy.id);
    match way_in {
        WayIn::Password(hash) => people::set_password_hash(tx, person.id, hash)?,
        WayIn::Passkey(passkey) => passkey.add(tx, &person, event.clone(), now)?,
    }
    tx.record(now, event)?;
    Ok(Invitation { name: person.name, email: person.email, expires_at: instant(expires_at), passkeys: false })
}

fn invited(db: &Db, secret: &SecretHash, now: Millis) -> Done<(Person, Millis)> {
    let over = || {
        let detail = "This invitation was used or replaced, or is too old. Ask for a new one.";
        Refusal::new(ProblemCode::LinkOver, detail)
    };
    let invitation = one_time_links::find(db, Purpose::Invitation, secret, now)?.ok_or_else(over)?;
    let person = people::by_id(db, invitation.person_id)?.ok_or_else(over)?;
    let of_staff = person.support || person.administrator || !people::manages(db, person.id)?.is_empty();
    let somebody_here = of_staff || !tenancies::not_ended_of_person(db, person.id)?.is_empty();
    if person.disabled_at.is_some() || person.password_hash.is_some() || !somebody_here {
        return Err(over().into());
    }
    Ok((person, invitation.expires_at))
}

fn web() -> api_types::Channel {
    api_types::Channel { kind: api_types::ChannelKind::Web, platform: None, app_version: None }
}

/// How far somebody is on the way to signing in.
pub fn account_state(db: &Db, person_id: PersonId, now: Millis) -> store::Result<AccountState> {
    let person = people::by_id(db, person_id)?;
    let disabled = person.as_ref().is_some_and(|person| person.disabled_at.is_some());
    let has_password = person.is_some_and(|person| person.password_hash.is_some());
    Ok(state(disabled, has_password, one_time_links::is_invited(db, person_id, now)?))
}

/// The same, from what is known of them.
pub fn state(disabled: bool, has_password: bool, invited: bool) -> AccountState {
    match (disabled, has_password, invited) {
        (true, ..) => AccountState::Disabled,
        (_, true, _) => AccountState::Active,
        (_, _, true) => AccountState::Invited,
        _ => AccountState::NotInvited,
    }
}
