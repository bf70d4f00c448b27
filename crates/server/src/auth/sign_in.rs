//! Signing in to the console and the app: the one place where a password is checked.

use api_types::{
    Action, Actor, ActorRole, FieldCode, Outcome, ProblemCode, Role, Said, Session, Subject, SubjectKind, User,
};
use store::audit::NewEvent;
use store::devices::{self, MarkHash};
use store::people::{self, Person};
use store::sessions::{self, IdHash, NewSession};
use store::{Millis, Tx};

use super::authority::{Authority, Via};
use super::device::{Mark, Marks};
use super::origin::ClientAddress;
use super::password::Password;
use super::session::{MOBILE_ABSOLUTE, MOBILE_IDLE, Secret, WEB_ABSOLUTE, WEB_IDLE};
use super::throttle::{Attempt, TurnedAway};
use crate::app::App;
use crate::domain::{Done, Failure};
use crate::extract::FieldErrors;
use crate::problem::{Problem, Result};
use crate::view::time::instant;

/// The longest email address accepted, in bytes.
const EMAIL_MAX: usize = 254;

/// A request to sign in.
pub(crate) struct SignIn {
    pub(crate) email: String,
    pub(crate) password: Password,
    pub(crate) address: ClientAddress,
    pub(crate) via: Via,
    /// A description of the browser, so that the person recognises the session later.
    pub(crate) browser: Option<String>,
    /// The session that the browser still had, which the new one replaces.
    pub(crate) replaces: Option<IdHash>,
    /// What shows that somebody signed in on this device before.
    pub(crate) marks: Marks,
}

/// Somebody who has just signed in.
pub(crate) struct SignedIn {
    pub(crate) person: Person,
    pub(crate) roles: Vec<Role>,
    pub(crate) secret: Secret,
    pub(crate) expires_at: Millis,
    /// The device's marks from now on.
    pub(crate) marks: Marks,
}

impl SignedIn {
    /// The session in the API's form.
    pub(crate) fn session(&self, app: &App) -> Session {
        let Person { id, name, email, .. } = &self.person;
        let user = User { id: *id, name: name.clone(), email: email.clone(), roles: self.roles.clone() };
        Session { user, expires_at: instant(self.expires_at), demo: app.demo() }
    }
}

/// Checks the password and opens a session.
///
/// People who are unknown, disabled or without a password get the same answer, after the same work, as for a wrong
/// password. Every outcome is recorded (R31), but never the password nor an unknown person's address.
///
/// # Errors
/// 422 for what can't be an address or password, 401 `wrong_credentials`, 403 where the person has no role here (or, in
/// the app, isn't a resident), 429 while they have to wait.
pub(crate) async fn sign_in(app: &App, request: SignIn) -> Result<SignedIn> {
    let mut errors = FieldErrors::default();
    let length = request.email.trim().len();
    errors.require((1..=EMAIL_MAX).contains(&length), "email", FieldCode::Invalid, "Enter your email address.");
    errors.require(request.password.is_acceptable(), "password", FieldCode::Invalid, "Enter your password.");
    errors.check()?;

    let SignIn { email, password, address, via, browser, replaces, marks } = request;
    let email = people::email_key(&email);
    let mark = own_mark(app, &marks, &email).await?;
    let device = mark.as_ref().map(|mark| mark.hash);
    let attempt = match app.throttle().attempt(&email, address.0, device) {
        Ok(attempt) => attempt,
        Err(away) => return Err(turned_away(app, &email, &via, away).await),
    };
    match checked(app, &email, password, &via).await {
        Ok(Some(person)) => {
            open(app, Opening { via, browser, replaces, marks, mark, passkey: None }, person, attempt).await
        }
        Ok(None) => {
            drop(attempt);
            keep_failures(app, &email, device);
            Err(refuse(app, &email, &via, Problem::wrong_credentials()).await)
        }
        Err(problem) => {
            attempt.forgive();
            Err(problem)
        }
    }
}

/// The device's mark for that account, if it has one, with what was counted by it before a restart.
async fn own_mark(app: &App, marks: &Marks, email: &str) -> Result<Option<Mark>> {
    if marks.is_empty() {
        return Ok(None);
    }
    let (marks, sought, vault) = (marks.clone(), email.to_owned(), app.store().vault().clone());
    let found = app.store().read(move |db| {
        let Some(mark) = marks.find(db, &vault, &sought) else { return Ok(None) };
        let failures = devices::failures(db, &mark.hash)?;
        Ok::<_, store::Error>(Some((mark, failures)))
    });
    let Some((mark, failures)) = found.await? else { return Ok(None) };
    if let Some(failures) = failures {
        app.throttle().remember(email, mark.hash, failures);
    }
    Ok(Some(mark))
}

/// Keeps the failures of a device, so that a restart forgets none of them. Written before whatever is recorded next.
fn keep_failures(app: &App, email: &str, device: Option<MarkHash>) {
    if let Some(device) = device {
        let (failures, now) = (app.throttle().failures_of(email, device), app.now());
        app.store().write_later(move |tx| devices::set_failures(tx, &device, failures, now));
    }
}

/// The person with that address, if this is their password and they may sign in.
async fn checked(app: &App, email: &str, password: Password, via: &Via) -> Result<Option<Person>> {
    let (sought, via, now) = (email.to_owned(), via.clone(), app.now());
    let person = app.store().read(move |db| {
        let person = people::by_email(db, &sought)?;
        // Queried even for nobody, so that it takes as long.
        Authority::of_sign_in(db, person.as_ref(), via, now)?;
        Ok::<_, store::Error>(person)
    });
    let person = person.await?;
    let usable = person.as_ref().filter(|person| person.disabled_at.is_none());
    let hash = usable.and_then(|person| person.password_hash.clone());
    let right = app.passwords().verify(password, hash).await?;
    Ok(person.filter(|_| right))
}

/// Whether that is the password of whoever has this address, for somebody who is signed in and asks for what needs it again.
/// Wrong ones count as failed attempts to sign in.
///
/// # Errors
/// 429 while they have to wait.
pub(crate) async fn is_own_password(
    app: &App,
    email: &str,
    address: ClientAddress,
    password: Password,
) -> Result<bool> {
    if !password.is_acceptable() {
        return Ok(false);
    }
    let attempt = match app.throttle().attempt(email, address.0, None) {
        Ok(attempt) => attempt,
        Err(away) => return Err(Problem::too_many_requests(away.retry_after_s)),
    };
    match checked(app, email, password, &Via::Web).await {
        Ok(Some(_)) => {
            attempt.succeeded();
            Ok(true)
        }
        Ok(None) => Ok(false),
        Err(problem) => {
            attempt.forgive();
            Err(problem)
        }
    }
}

/// What a session is opened with.
pub(crate) struct Opening {
    pub(crate) via: Via,
    pub(crate) browser: Option<String>,
    pub(crate) replaces: Option<IdHash>,
    pub(crate) marks: Marks,
    pub(crate) mark: Option<Mark>,
    /// What the passkey is called that it is opened with; `None` for a password.
    pub(crate) passkey: Option<String>,
}

/// The outcome of opening a session.
pub(super) enum Opened {
    Session(Box<SignedIn>),
    Refused(Problem),
}

async fn open(app: &App, opening: Opening, person: Person, attempt: Attempt) -> Result<SignedIn> {
    let secret = match Secret::generate() {
        Ok(secret) => secret,
        Err(problem) => {
            attempt.forgive();
            return Err(problem);
        }
    };
    let device = opening.mark.as_ref().map(|mark| mark.hash);
    let email = person.email.clone();
    let now = app.now();
    let opened = app.store().write(move |tx| open_in(tx, opening, person, secret, now)).await;
    match opened {
        Ok(Opened::Session(signed_in)) => {
            attempt.succeeded();
            keep_failures(app, &email, device);
            Ok(*signed_in)
        }
        Ok(Opened::Refused(problem)) => {
            // The password was right, unless it was changed while it was being checked.
            if problem.code().is(ProblemCode::WrongCredentials) {
                drop(attempt)
            } else {
                attempt.succeeded()
            }
            Err(problem)
        }
        Err(error) => {
            attempt.forgive();
            Err(error.into())
        }
    }
}

/// Opens a session in the transaction, after checking the person again: they may have been disabled, moved out or been
/// given a new password while theirs was being verified.
pub(super) fn open_in(
    tx: &Tx,
    opening: Opening,
    checked: Person,
    secret: Secret,
    now: Millis,
) -> store::Result<Opened> {
    let Opening { via, browser, replaces, marks, mark, passkey } = opening;
    let person = people::by_id(tx, checked.id)?;
    let person = person.filter(|person| {
        person.disabled_at.is_none() && person.password_hash == checked.password_hash && person.email == checked.email
    });
    let Some(person) = person else {
        let problem = Problem::wrong_credentials();
        record_refusal(tx, &checked.email, &via, &problem, now)?;
        return Ok(Opened::Refused(problem));
    };
    let authority = Authority::of_sign_in(tx, Some(&person), via.clone(), now)?;
    let roles = authority.roles();
    let refusal = match via {
        Via::Web if roles.is_empty() => Some(Problem::no_role()),
        Via::Mobile(_) if !authority.is_resident() => Some(Problem::not_a_resident()),
        _ => None,
    };
    if let Some(problem) = refusal {
        record_refusal(tx, &person.email, &via, &problem, now)?;
        return Ok(Opened::Refused(problem));
    }
    let (idle, absolute, action, role) = match via {
        Via::Web => (WEB_IDLE, WEB_ABSOLUTE, Action::SessionCreated, authority.first_role()),
        Via::Mobile(_) => (MOBILE_IDLE, MOBILE_ABSOLUTE, Action::MobileTokenCreated, Role::Resident),
    };
    sessions::forget_expired_of(tx, person.id, now)?;
    if let Some(old) = replaces {
        sessions::end(tx, &old)?;
    }
    let resident_app = match &via {
        Via::Web => None,
        Via::Mobile(resident_app) => {
            people::set_app(tx, person.id, resident_app)?;
            Some(resident_app)
        }
    };
    let session = NewSession {
        id_hash: &secret.hash(),
        person_id: person.id,
        app: resident_app,
        browser: browser.as_deref(),
        idle_expires_at: now + idle,
        absolute_expires_at: now + absolute,
    };
    sessions::insert(tx, now, &session)?;
    let known_as = known_as(&authority, &person);
    let name = if role == Role::Resident { known_as } else { &person.name };
    let actor = Actor { id: Some(person.id), name: name.to_owned(), role: ActorRole::from(role).into() };
    let mut event = NewEvent::done(actor, via.channel(), action, subject(Some((&person, known_as)), ""));
    event.property_id = authority.home_property();
    event.resident_id = authority.only_tenancy().map(|tenancy| tenancy.id);
    match (&via, &passkey) {
        (Via::Web, Some(name)) => {
            event.say(Said::Passkey, [name], format!("Signed in to the console with the passkey “{name}”."));
        }
        (Via::Web, None) => event.say(Said::Nothing, [], "Signed in to the console."),
        (Via::Mobile(_), _) => event.say(Said::Nothing, [], "Signed in to the app."),
    }
    tx.record(now, event)?;
    // The app keeps no cookies.
    let expires_at = now + if via == Via::Web { idle } else { absolute };
    let marks = if via == Via::Web { marks.with(tx, mark, &person.email)? } else { marks };
    Ok(Opened::Session(Box::new(SignedIn { person, roles, secret, expires_at, marks })))
}

/// Opens a session for somebody who was made in this transaction. `None` where they may not sign in.
pub(crate) fn open_session(tx: &Tx, opening: Opening, person: Person, now: Millis) -> Done<Option<SignedIn>> {
    let secret = Secret::generate().map_err(|_| Failure::Store(store::Error::NoRandomness))?;
    Ok(match open_in(tx, opening, person, secret, now)? {
        Opened::Session(signed_in) => Some(*signed_in),
        Opened::Refused(_) => None,
    })
}

/// Records a refused sign-in and returns the problem; if it can't be recorded, that is the problem.
pub(super) async fn refuse(app: &App, email: &str, via: &Via, problem: Problem) -> Problem {
    let (email, via, now) = (email.to_owned(), via.clone(), app.now());
    let recorded = app.store().write(move |tx| {
        record_refusal(tx, &email, &via, &problem, now)?;
        Ok::<_, store::Error>(problem)
    });
    recorded.await.unwrap_or_else(Problem::from)
}

async fn turned_away(app: &App, email: &str, via: &Via, away: TurnedAway) -> Problem {
    let seconds = away.retry_after_s;
    let problem = Problem::too_many_requests(seconds)
        .with_detail(format!("Too many failed attempts to sign in. Try again in {seconds} s."));
    if away.first { refuse(app, email, via, problem).await } else { problem }
}

pub(super) fn record_refusal(tx: &Tx, email: &str, via: &Via, problem: &Problem, now: Millis) -> store::Result<()> {
    let person = people::by_email(tx, email)?;
    // With all their roles, even if they tried the app.
    let authority = Authority::of_sign_in(tx, person.as_ref(), Via::Web, now)?;
    let action = match via {
        Via::Web => Action::SessionRefused,
        Via::Mobile(_) => Action::MobileTokenRefused,
    };
    // Whoever it was didn't prove to be that person, so the person is the subject and not the actor.
    let actor = Actor { id: None, name: "unknown".into(), role: ActorRole::Unknown.into() };
    let mut event = NewEvent::done(
        actor,
        via.channel(),
        action,
        subject(person.as_ref().map(|person| (person, known_as(&authority, person))), email),
    );
    event.property_id = authority.home_property();
    event.resident_id = authority.only_tenancy().map(|tenancy| tenancy.id);
    event.outcome = Outcome::Refused;
    event.code = Some(problem.code().name().to_owned());
    event.detail = problem.detail().to_owned();
    tx.record(now, event)?;
    Ok(())
}

/// A person and what they are known as, or else the address that somebody typed.
fn subject(person: Option<(&Person, &str)>, email: &str) -> Subject {
    Subject {
        kind: SubjectKind::Session.into(),
        id: person.map(|(person, _)| person.id.uuid()),
        name: person.map_or_else(|| masked(email), |(_, known_as)| known_as.to_owned()),
    }
}

/// What a person is known as to who sees an event about them as such: the managers of the one property that they live in
/// have them in their roster (R39).
fn known_as<'a>(authority: &'a Authority, person: &'a Person) -> &'a str {
    authority.only_tenancy().map_or(&person.name, |tenancy| &tenancy.name)
}

/// Enough of an unknown address for support to recognise a typing error, and no more: somebody may have typed their
/// password, or a code, into the wrong field.
pub(crate) fn masked(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) if domain.contains('.') => {
            let first = local.chars().next().filter(|c| c.is_alphabetic());
            let domain: String = domain
                .chars()
                .take(64)
                .map(|c| if c.is_alphabetic() || matches!(c, '.' | '-') { c } else { '*' })
                .collect();
            format!("{}***@{domain}", first.map(String::from).unwrap_or_default())
        }
        _ => "***".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_address_is_masked() {
        assert_eq!(masked("maria@example.com"), "m***@example.com");
        assert_eq!(masked("5309@4711.example"), "***@****.example");
        assert_eq!(masked("hunter2"), "***");
        assert_eq!(masked("me@hunter2"), "***");
    }
}
