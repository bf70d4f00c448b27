//! Signing in to the console with a passkey: the one place where one is checked.

use api_types::ProblemCode;
use serde_json::Value;
use store::passkeys::{self, PasskeyRecord};
use store::people;
use store::sessions::IdHash;
use store::{Millis, Tx, Vault};

use super::authority::Via;
use super::device::Marks;
use super::origin::ClientAddress;
use super::passkey::Wrong;
use super::session::Secret;
use super::sign_in::{Opened, Opening, SignedIn, open_in, record_refusal, refuse};
use crate::app::App;
use crate::problem::{Problem, Result};

/// A request to sign in with a passkey.
pub(crate) struct PasskeyAttempt {
    /// What the authenticator answered.
    pub(crate) credential: Value,
    /// The hash of the secret that the browser got when it asked.
    pub(crate) asked: Option<IdHash>,
    pub(crate) address: ClientAddress,
    /// A description of the browser, so that the person recognises the session later.
    pub(crate) browser: Option<String>,
    /// The session that the browser still had, which the new one replaces.
    pub(crate) replaces: Option<IdHash>,
    /// What shows that somebody signed in on this device before.
    pub(crate) marks: Marks,
}

/// Checks what an authenticator answered, and opens a session.
///
/// A passkey that is unknown, was removed or copied, or is of somebody who is disabled gets the same answer. Every outcome is
/// recorded (R31). Wrong ones slow down the network that they come from, but no account: a passkey can't be guessed, so that
/// nobody has to wait for strangers' attempts.
///
/// # Errors
/// 409 `passkey_too_late`, 422 for what is no answer, 401 `passkey_refused`, 403 where the person has no role here, 429 while
/// the network has to wait.
pub(crate) async fn sign_in_with_passkey(app: &App, request: PasskeyAttempt) -> Result<SignedIn> {
    let PasskeyAttempt { credential, asked, address, browser, replaces, marks } = request;
    let attempt = match app.throttle().begin_guess(address.0) {
        Ok(attempt) => attempt,
        Err(away) => {
            let seconds = away.retry_after_s;
            let detail = format!("Too many failed attempts to sign in. Try again in {seconds} s.");
            let problem = Problem::too_many_requests(seconds).with_detail(detail);
            return Err(if away.first { refuse(app, "", &Via::Web, problem).await } else { problem });
        }
    };
    let opening = Opening { via: Via::Web, browser, replaces, marks, mark: None, passkey: None };
    let signed_in = attempted(app, credential, asked, opening).await;
    match &signed_in {
        Err(problem) if problem.code().is(ProblemCode::PasskeyRefused) => attempt.wrong(),
        _ => attempt.forgive(),
    }
    signed_in
}

async fn attempted(app: &App, credential: Value, asked: Option<IdHash>, opening: Opening) -> Result<SignedIn> {
    let answer = app.passkeys().answered(asked.as_ref(), credential)?;
    let Some((credential_id, claimed)) = answer.claims() else {
        return Err(refuse(app, "", &Via::Web, refused()).await);
    };
    let stored = app.store().read(move |db| passkeys::by_credential_id(db, &credential_id)).await?;
    let Some(stored) = stored.filter(|stored| stored.person_id == claimed) else {
        return Err(refuse(app, "", &Via::Web, refused()).await);
    };
    let checked = app.passkeys().check(answer, &stored).await?;
    let secret = Secret::generate()?;
    let (now, vault) = (app.now(), app.store().vault().clone());
    let opened = app.store().write(move |tx| open(tx, &vault, opening, &stored, checked, secret, now)).await?;
    match opened {
        Opened::Session(signed_in) => Ok(*signed_in),
        Opened::Refused(problem) => Err(problem),
    }
}

/// Opens a session in the transaction, if the passkey is still there as it was when it was checked: it may have been removed,
/// or its person disabled, or it may have been used elsewhere at the same moment, by a copy of it.
fn open(
    tx: &Tx,
    vault: &Vault,
    mut opening: Opening,
    stored: &PasskeyRecord,
    checked: std::result::Result<String, Wrong>,
    secret: Secret,
    now: Millis,
) -> store::Result<Opened> {
    let person = people::by_id(tx, stored.person_id)?;
    let current = passkeys::of_person(tx, stored.person_id, stored.id)?;
    let usable = current.is_some_and(|current| current.credential == stored.credential)
        && person.as_ref().is_some_and(|person| person.disabled_at.is_none());
    let email = person.as_ref().map(|person| person.email.clone()).unwrap_or_default();
    let copied = matches!(checked, Err(Wrong::Copied));
    let (Some(person), Ok(credential), true) = (person, checked, usable) else {
        let copied = copied.then_some("The passkey’s counter has gone back: it may have been copied.");
        let problem = copied.map_or_else(refused, |detail| refused().with_detail(detail));
        record_refusal(tx, &email, &opening.via, &problem, now)?;
        return Ok(Opened::Refused(refused()));
    };
    opening.mark = opening.marks.find(tx, vault, &person.email);
    opening.passkey = Some(stored.name.clone());
    let opened = open_in(tx, opening, person, secret, now)?;
    if matches!(opened, Opened::Session(_)) {
        passkeys::set_used(tx, stored.id, &credential, now)?;
    }
    Ok(opened)
}

/// 401: the same for every passkey that nobody can sign in with.
fn refused() -> Problem {
    let detail = "Nobody can sign in here with this passkey. Use another one, or your password.";
    Problem::new(ProblemCode::PasskeyRefused, detail)
}
