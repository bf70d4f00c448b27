//! Passkeys of one's own, and having no password beside them.

use api_types::{Action, FieldCode, ProblemCode, Said, Subject, SubjectKind};
use ids::PasskeyId;
use store::audit::NewEvent;
use store::passkeys::{self, NewPasskey, PasskeyRecord};
use store::people::{self, Person};
use store::sessions::{self, IdHash};
use store::{Db, Millis, Tx};

use super::deed::Deed;
use super::{Done, Refusal};
use crate::auth::passkey::Unanswered;
use crate::mail::letter::Letter;
use crate::mail::post::{Addressee, Post};
use crate::text::Line;

/// How many passkeys a person has at most.
pub const MOST: u32 = 20;

/// The longest name of a passkey, in characters.
const LONGEST_NAME: usize = 60;

/// How long after signing in nothing has to be confirmed: ten minutes.
const FRESH_FOR: Millis = 10 * 60 * 1000;

/// Whether somebody has to confirm that it is they who are using their session, which began a while ago.
pub fn must_confirm(db: &Db, session: &IdHash, now: Millis) -> store::Result<bool> {
    Ok(sessions::began_at(db, session)?.is_none_or(|began| now - began > FRESH_FOR))
}

/// That it is the person who changes how they sign in, and not somebody who found their session open: they gave their password,
/// or signed in a moment ago.
///
/// # Errors
/// `invalid` for who has to give their password; `sign_in_again` for who has none.
pub fn require_confirmed(db: &Db, session: &IdHash, person: &Person, by_password: bool, now: Millis) -> Done<()> {
    if by_password || !must_confirm(db, session, now)? {
        return Ok(());
    }
    Err(if person.has_password() {
        let detail = "Enter your password: you signed in a while ago.";
        Refusal::invalid("password", FieldCode::Required, detail).into()
    } else {
        let detail =
            "You signed in a while ago. Sign out, sign in with your passkey, and try again within ten minutes.";
        Refusal::new(ProblemCode::SignInAgain, detail).into()
    })
}

/// The name of a passkey.
///
/// # Errors
/// `invalid`.
pub fn name(text: &str) -> Done<Line> {
    Ok(Line::parse(text, LONGEST_NAME).map_err(|unfit| Refusal::unfit("name", unfit))?)
}

/// That somebody may have another passkey.
///
/// # Errors
/// `invalid` for who has as many as one may have.
pub fn require_room(db: &Db, person: &Person) -> Done<()> {
    if passkeys::count(db, person.id)? >= MOST {
        let detail = "You have 20 passkeys, and can’t have more. Remove one that you don’t use.";
        return Err(Refusal::invalid("name", FieldCode::TooMany, detail).into());
    }
    Ok(())
}

/// That there is no passkey to add.
pub(crate) fn unanswered(unanswered: Unanswered) -> Refusal {
    match unanswered {
        Unanswered::TooLate => Refusal::new(ProblemCode::PasskeyTooLate, unanswered.detail()),
        Unanswered::Unfit => Refusal::invalid("credential", FieldCode::Invalid, unanswered.detail()),
    }
}

/// Adds a passkey whose answer was checked, and tells the person. It was asked for in this session by somebody who confirmed
/// that it is they ([`require_confirmed`]).
///
/// # Errors
/// `invalid` for one that there is already, or for who has as many as one may have.
pub fn add(deed: &Deed<'_>, name: &Line, credential_id: &[u8], credential: &str, post: Post) -> Done<PasskeyRecord> {
    let Deed { tx, now, .. } = *deed;
    let person = person(deed)?;
    let id = insert(tx, &person, name, credential_id, credential, now)?;
    record(deed, Action::PersonPasskeyAdded, &person, Said::Passkey, name, format!("The passkey “{}”.", &**name))?;
    let letter = Letter::PasskeyAdded { name: person.name.clone(), passkey: name.to_string() };
    tell(deed, &person, &letter, post)?;
    own(deed, id)
}

fn insert(
    tx: &Tx,
    person: &Person,
    name: &Line,
    credential_id: &[u8],
    credential: &str,
    now: Millis,
) -> Done<PasskeyId> {
    require_room(tx, person)?;
    if passkeys::by_credential_id(tx, credential_id)?.is_some() {
        let detail = "This passkey is in use already. Remove it first, or use another device.";
        return Err(Refusal::invalid("credential", FieldCode::Invalid, detail).into());
    }
    let id = PasskeyId::generate();
    passkeys::insert(tx, now, &NewPasskey { id, person_id: person.id, credential_id, credential, name })?;
    Ok(id)
}

/// A passkey that somebody chose by a link, instead of a password.
pub struct InsteadOfPassword {
    /// What they call it.
    pub name: Line,
    /// What devices call it.
    pub credential_id: Vec<u8>,
    /// As it is stored.
    pub credential: String,
    /// Of a password that nobody knows.
    pub nobodys_hash: String,
}

impl InsteadOfPassword {
    /// Adds it to somebody, in place of any password that they have; `event` is about the person.
    ///
    /// # Errors
    /// As [`add`].
    pub(super) fn add(&self, tx: &Tx, person: &Person, mut event: NewEvent, now: Millis) -> Done<()> {
        let Self { name, credential_id, credential, nobodys_hash } = self;
        insert(tx, person, name, credential_id, credential, now)?;
        people::remove_password(tx, person.id, nobodys_hash, now)?;
        event.action = Action::PersonPasskeyAdded;
        event.say(Said::Passkey, [&**name], format!("The passkey “{}”.", &**name));
        tx.record(now, event)?;
        Ok(())
    }
}

/// Gives a passkey of one's own another name.
///
/// # Errors
/// `not_found` for one that isn't one's own (R33).
pub fn rename(deed: &Deed<'_>, id: PasskeyId, name: &Line) -> Done<PasskeyRecord> {
    let (person, passkey) = (person(deed)?, own(deed, id)?);
    passkeys::rename(deed.tx, id, name)?;
    let detail = format!("The passkey “{}” was called “{}”.", &**name, passkey.name);
    record(deed, Action::PersonPasskeyRenamed, &person, Said::WasCalled, &passkey.name, detail)?;
    own(deed, id)
}

/// Removes a passkey of one's own, and tells the person.
///
/// # Errors
/// `not_found` for one that isn't one's own (R33); as [`require_confirmed`]; `last_way_in`, recorded.
pub fn remove(deed: &Deed<'_>, session: &IdHash, id: PasskeyId, by_password: bool, post: Post) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let (person, passkey) = (person(deed)?, own(deed, id)?);
    require_confirmed(tx, session, &person, by_password, now)?;
    if !person.has_password() && passkeys::count(tx, person.id)? <= 1 {
        let detail = "This is your only way to sign in. Add another passkey first, or set a password with “Forgot your \
                      password?” where you sign in.";
        return Err(last_way_in(deed, Action::PersonPasskeyRemoved, &person, detail)?);
    }
    passkeys::remove(tx, id)?;
    let detail = format!("The passkey “{}”.", passkey.name);
    record(deed, Action::PersonPasskeyRemoved, &person, Said::Passkey, &passkey.name, detail)?;
    tell(deed, &person, &Letter::PasskeyRemoved { name: person.name.clone(), passkey: passkey.name }, post)?;
    Ok(())
}

/// Removes one's password, so that one signs in with passkeys alone, and tells the person. `nobodys_hash` is of a password that
/// nobody knows. Sessions and tokens go on; signing in to the app takes a password.
///
/// # Errors
/// As [`require_confirmed`]; `last_way_in`, recorded; `not_found` for who has no password.
pub fn remove_password(
    deed: &Deed<'_>,
    session: &IdHash,
    nobodys_hash: &str,
    by_password: bool,
    post: Post,
) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let person = person(deed)?;
    if !person.has_password() {
        return Err(Refusal::not_found().into());
    }
    require_confirmed(tx, session, &person, by_password, now)?;
    if passkeys::count(tx, person.id)? == 0 {
        let detail = "Your password is your only way to sign in. Add a passkey first.";
        return Err(last_way_in(deed, Action::PersonPasswordRemoved, &person, detail)?);
    }
    people::remove_password(tx, person.id, nobodys_hash, now)?;
    let detail = "They sign in with passkeys alone.";
    record(deed, Action::PersonPasswordRemoved, &person, Said::Nothing, "", detail.into())?;
    tell(deed, &person, &Letter::PasswordRemoved { name: person.name.clone() }, post)?;
    Ok(())
}

/// Who does the deed.
pub(super) fn person(deed: &Deed<'_>) -> Done<Person> {
    Ok(people::by_id(deed.tx, deed.person_id())?.ok_or_else(Refusal::not_found)?)
}

fn own(deed: &Deed<'_>, id: PasskeyId) -> Done<PasskeyRecord> {
    Ok(passkeys::of_person(deed.tx, deed.person_id(), id)?.ok_or_else(Refusal::not_found)?)
}

fn last_way_in(deed: &Deed<'_>, action: Action, person: &Person, detail: &str) -> store::Result<super::Failure> {
    Refusal::new(ProblemCode::LastWayIn, detail).record(deed.tx, deed.now, event(deed, action, person))
}

fn event(deed: &Deed<'_>, action: Action, person: &Person) -> NewEvent {
    let authority = deed.authority();
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name.clone() };
    NewEvent {
        property_id: authority.home_property(),
        resident_id: authority.only_tenancy().map(|tenancy| tenancy.id),
        ..deed.acting_as(authority.first_role()).event(action, subject)
    }
}

fn record(
    deed: &Deed<'_>,
    action: Action,
    person: &Person,
    said: Said,
    value: &str,
    detail: String,
) -> store::Result<()> {
    let mut event = event(deed, action, person);
    event.say(said, [value], detail);
    deed.tx.record(deed.now, event)?;
    Ok(())
}

fn tell(deed: &Deed<'_>, person: &Person, letter: &Letter, post: Post) -> store::Result<bool> {
    let property_id = deed.authority().home_property();
    let to = Addressee { person_id: Some(person.id), property_id, address: &person.email };
    post.write(deed.tx, deed.now, to, letter, None)
}
