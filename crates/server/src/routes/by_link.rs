//! What anybody may do who has the secret of a link, signed in or not. The secret comes in a body and never in an
//! address. Wrong secrets slow down the address they come from.

use api_types::{
    Action, Actor, ActorRole, Channel, ChannelKind, LinkPasskey, Outcome, PasskeyOptions, Subject, SubjectKind,
};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use store::audit::NewEvent;
use store::people::Person;
use store::shares::SecretHash;
use store::{Db, Millis, Tx, passkeys};

use crate::app::App;
use crate::auth::passkey::Registered;
use crate::auth::{ClientAddress, Password, Secret, Site, TurnedAway, hash_of, reached_as};
use crate::deeds::transact;
use crate::domain::Done;
use crate::domain::passkey::{self, InsteadOfPassword};
use crate::problem::{Problem, Result};

/// What a link is used for.
#[derive(Clone, Copy)]
pub(super) enum UsedFor {
    /// Opening a guest's pass, or finding out how it is.
    PassOpening,
    /// Seeing the digits of a guest's pass.
    PassRevealing,
    /// Becoming the first administrator.
    SettingUp,
    /// Seeing or accepting an invitation.
    Invitation,
    /// Setting a forgotten password (R38).
    Resetting,
    /// Confirming another address (R38).
    Confirming,
    /// Stopping the summaries that somebody gets.
    StoppingSummaries,
}

impl UsedFor {
    fn action(self) -> Action {
        match self {
            Self::PassOpening => Action::GuestCodePassOpened,
            Self::PassRevealing => Action::GuestCodePassRevealed,
            Self::SettingUp => Action::PersonAdministratorAdded,
            Self::Invitation => Action::PersonInvitationAccepted,
            Self::Resetting => Action::PersonPasswordChanged,
            Self::Confirming => Action::PersonAddressChanged,
            Self::StoppingSummaries => Action::PersonSummaryStopped,
        }
    }

    fn subject(self) -> SubjectKind {
        match self {
            Self::PassOpening | Self::PassRevealing => SubjectKind::GuestCode,
            Self::SettingUp | Self::Invitation | Self::Resetting | Self::Confirming | Self::StoppingSummaries => {
                SubjectKind::Person
            }
        }
    }
}

/// Somebody with a link: the address they come from. Another site's page is refused.
pub(super) struct Anybody(pub(super) ClientAddress);

impl FromRequestParts<App> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if Site::of(app, &parts.headers, &parts.uri) == Site::Other {
            return Err(Problem::cross_site());
        }
        ClientAddress::from_request_parts(parts, app).await.map(Self)
    }
}

/// Does what somebody with this secret asks for. Wrong secrets slow down the address they come from.
pub(super) async fn with_secret<T: Send + 'static>(
    app: &App,
    anybody: Anybody,
    used_for: UsedFor,
    secret: &str,
    deed: impl FnOnce(&Tx, &SecretHash, Millis) -> Done<T> + Send + 'static,
) -> Result<T> {
    let (hash, clock) = (hash_of(secret), app.clock().clone());
    counted(app, anybody, used_for, transact(app, move |tx| deed(tx, &hash, clock.now()))).await
}

/// Answers what somebody with this secret asks, changing and recording nothing. Wrong secrets slow down their address.
pub(super) async fn answered<T: Send + 'static>(
    app: &App,
    anybody: Anybody,
    used_for: UsedFor,
    secret: &str,
    question: impl FnOnce(&Db, &SecretHash, Millis) -> Done<T> + Send + 'static,
) -> Result<T> {
    let (hash, now) = (hash_of(secret), app.now());
    let read = app.read(move |db| Ok(question(db, &hash, now)?));
    counted(app, anybody, used_for, read).await
}

/// What to ask the device of the person of a link for a passkey; the answer is known again by the link's secret.
pub(super) async fn passkey_options(
    app: &App,
    anybody: Anybody,
    used_for: UsedFor,
    token: &str,
    (headers, uri): (&HeaderMap, &Uri),
    whose: fn(&Db, &SecretHash, Millis) -> Done<Person>,
) -> Result<PasskeyOptions> {
    let address = anybody.0;
    let found = answered(app, anybody, used_for, token, move |db, secret, now| {
        let person = whose(db, secret, now)?;
        passkey::require_room(db, &person)?;
        let existing = passkeys::list(db, person.id)?;
        Ok((person, existing))
    });
    let (person, existing) = found.await?;
    let whose = (person.id, &*person.email, &*person.name);
    let name = reached_as(headers, uri);
    app.passkeys().ask_for_new(name.as_deref(), hash_of(token), address.0, whose, &existing)
}

/// Gives the person of a link the passkey that they chose instead of a password.
pub(super) async fn with_passkey<T: Send + 'static>(
    app: &App,
    Anybody(address): Anybody,
    used_for: UsedFor,
    LinkPasskey { token, name, credential }: LinkPasskey,
    whose: fn(&Db, &SecretHash, Millis) -> Done<Person>,
    deed: impl FnOnce(&Tx, &SecretHash, InsteadOfPassword, Millis) -> Done<T> + Send + 'static,
) -> Result<T> {
    // Checked first, so that a stranger can't make the server hash passwords.
    answered(app, Anybody(address), used_for, &token, whose).await?;
    let name = passkey::name(&name)?;
    let Registered { credential_id, credential } =
        app.passkeys().new_one(&hash_of(&token), credential).await?.map_err(passkey::unanswered)?;
    let nobodys = Password::new(Secret::generate()?.expose().to_owned());
    let nobodys_hash = app.passwords().hash(nobodys).await?;
    let passkey = InsteadOfPassword { name, credential_id, credential, nobodys_hash };
    with_secret(app, Anybody(address), used_for, &token, move |tx, secret, now| deed(tx, secret, passkey, now)).await
}

/// What was asked with a secret, counted against the address that it came from if it was wrong.
async fn counted<T>(
    app: &App,
    Anybody(address): Anybody,
    used_for: UsedFor,
    asked: impl Future<Output = Result<T>>,
) -> Result<T> {
    let attempt = match app.throttle().begin_guess(address.0) {
        Ok(attempt) => attempt,
        Err(away) => return Err(turned_away(app, used_for, away).await?),
    };
    match asked.await {
        Err(problem) if problem.status() == StatusCode::NOT_FOUND => {
            attempt.wrong();
            Err(problem)
        }
        done => {
            attempt.forgive();
            done
        }
    }
}

/// Records the first to be turned away in a wait (R31), although nobody knows who it is or what they wanted to see.
async fn turned_away(app: &App, used_for: UsedFor, away: TurnedAway) -> Result<Problem> {
    let seconds = away.retry_after_s;
    let problem = Problem::too_many_requests(seconds)
        .with_detail(format!("Too many links that don’t exist. Try again in {seconds} s."));
    if away.first {
        let actor = Actor { id: None, name: "unknown".into(), role: ActorRole::Unknown.into() };
        let channel = Channel { kind: ChannelKind::Web, platform: None, app_version: None };
        let subject = Subject { kind: used_for.subject().into(), id: None, name: String::new() };
        let mut event = NewEvent::done(actor, channel, used_for.action(), subject);
        event.outcome = Outcome::Refused;
        event.code = Some(problem.code().name().to_owned());
        event.detail = problem.detail().to_owned();
        let clock = app.clock().clone();
        app.store().write(move |tx| tx.record(clock.now(), event)).await?;
    }
    Ok(problem)
}
