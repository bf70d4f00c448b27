//! Who is calling, as their credential says and nothing else in the request.

use std::ops::Deref;

use api_types::{Actor, Channel, ChannelKind, Role, User};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::people::CurrentTenancy;
use store::sessions::{App as ResidentApp, IdHash};
use store::{Millis, sessions};
use uuid::Uuid;

use super::origin::Site;
use super::session::{WEB_IDLE, cookie_of, hash_of};
use super::standing::{Standing, role_name};
use crate::app::App;
use crate::problem::{Problem, Result};

/// A session's idle limit, and with it when it was last used, is moved on when it would move by this much, so that not
/// every request writes: one minute.
const TOUCH_EVERY: Millis = 60 * 1000;

/// A token has no idle limit to move; that it was used is noted at most so often: every five minutes.
const TOKEN_SEEN_EVERY: Millis = 5 * 60 * 1000;

/// A signed-in person and what they may be right now.
///
/// Handlers take one of the wrappers ([`Web`], [`WebOrMobile`], [`AnyChannel`]), never the headers. It is read anew for
/// every request, so that disabling, moving out and losing a property count at once.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub person_id: Uuid,
    /// As shown to others.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// What they are now. `caller.manages`, `caller.tenancy` and `caller.support` lead here too.
    pub standing: Standing,
    /// Which channel the credential belongs to.
    pub via: Via,
    /// When the session ends if nothing more is done with it.
    pub expires_at: Millis,
    id_hash: IdHash,
}

/// The channel that a credential was issued for; bound to it for good (R4, R5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// The console, by its cookie.
    Web,
    /// The resident app, by a bearer token.
    Mobile(ResidentApp),
}

impl Deref for Caller {
    type Target = Standing;
    fn deref(&self) -> &Standing {
        &self.standing
    }
}

impl Caller {
    /// The person on the wire.
    pub fn user(&self) -> User {
        User { id: self.person_id, name: self.name.clone(), email: self.email.clone(), roles: self.roles() }
    }

    /// The actor of an event in which the person acts as `role`.
    pub fn actor_as(&self, role: Role) -> Actor {
        Actor { id: Some(self.person_id), name: self.name.clone(), role: role_name(role).into() }
    }

    /// The actor of an event where the deed doesn't tell the role: the first of [`Standing::roles`].
    pub fn actor(&self) -> Actor {
        self.actor_as(self.roles().first().copied().unwrap_or(Role::Resident))
    }

    /// The channel of an event.
    pub fn channel(&self) -> Channel {
        self.via.channel()
    }

    /// What is stored of the session's secret.
    pub(crate) fn session(&self) -> &IdHash {
        &self.id_hash
    }

    /// The tenancy, for what only residents do.
    ///
    /// # Errors
    /// 403 `forbidden` for people who live nowhere now.
    pub fn resident(&self) -> Result<CurrentTenancy> {
        self.tenancy.ok_or_else(Problem::role)
    }

    async fn load(app: &App, id_hash: IdHash, credential: Credential) -> Result<Self> {
        let now = app.now();
        let mut db = app.store().read().await?;
        let session = sessions::live(&mut db, &id_hash, now).await?.ok_or_else(Problem::signed_out)?;
        let via = match (session.app, credential) {
            (None, Credential::Cookie) => Via::Web,
            (Some(app), Credential::Bearer) => Via::Mobile(app),
            // Nothing turns one kind of credential into the other.
            _ => return Err(Problem::signed_out()),
        };
        let standing = Standing::read(&mut db, session.person_id, session.support, now).await?;
        let standing = if via == Via::Web { standing } else { standing.in_the_app() };
        drop(db);
        if standing.roles().is_empty() {
            return Err(Problem::signed_out());
        }
        let mut idle_expires_at = session.idle_expires_at;
        let (renewed, due) = match via {
            Via::Web => (now + WEB_IDLE, now + WEB_IDLE - idle_expires_at >= TOUCH_EVERY),
            Via::Mobile(_) => (idle_expires_at, now - session.last_seen_at >= TOKEN_SEEN_EVERY),
        };
        if due {
            match touch(app, &id_hash, now, renewed).await {
                Ok(()) => idle_expires_at = renewed,
                // Reading must go on when writing doesn't; the session just ends earlier.
                Err(error) => tracing::warn!(%error, "a session's idle limit wasn't moved on"),
            }
        }
        Ok(Self {
            person_id: session.person_id,
            name: session.name,
            email: session.email,
            standing,
            via,
            expires_at: idle_expires_at.min(session.absolute_expires_at),
            id_hash,
        })
    }
}

async fn touch(app: &App, id_hash: &IdHash, now: Millis, idle_expires_at: Millis) -> store::Result<()> {
    let mut tx = app.store().begin().await?;
    sessions::touch(&mut tx, id_hash, now, idle_expires_at).await?;
    tx.commit_unrecorded().await
}

impl Via {
    /// The channel of an event.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Web => Channel { kind: ChannelKind::Web, platform: None, app_version: None },
            Self::Mobile(app) => Channel {
                kind: ChannelKind::Mobile,
                platform: Some(app.platform.clone()),
                app_version: app.version.clone(),
            },
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Credential {
    Cookie,
    Bearer,
}

/// The one credential of a request.
fn credential(headers: &HeaderMap) -> Result<(IdHash, Credential)> {
    match (cookie_of(headers), headers.get(AUTHORIZATION)) {
        (Some(_), Some(_)) => Err(Problem::both_credentials()),
        (Some(cookie), None) => Ok((hash_of(cookie), Credential::Cookie)),
        (None, Some(value)) => {
            let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
            if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
                Ok((hash_of(token.trim()), Credential::Bearer))
            } else {
                Err(Problem::signed_out())
            }
        }
        (None, None) => Err(Problem::signed_out()),
    }
}

/// Refuses a request with a cookie and an `Authorization` header, whatever it asks for.
pub(crate) async fn refuse_two_credentials(request: Request, next: Next) -> Response {
    if cookie_of(request.headers()).is_some() && request.headers().contains_key(AUTHORIZATION) {
        return Problem::both_credentials().into_response();
    }
    next.run(request).await
}

/// May a request with a cookie do this? Reading may come from anywhere, for `SameSite` keeps the cookie from others.
pub(crate) fn refuse_cross_site(app: &App, parts: &Parts) -> Result<()> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || Site::of(app, &parts.headers, &parts.uri) == Site::Same { Ok(()) } else { Err(Problem::cross_site()) }
}

/// A person, in the console or in the app.
pub struct WebOrMobile(pub Caller);

impl FromRequestParts<App> for WebOrMobile {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (id_hash, credential) = credential(&parts.headers)?;
        if credential == Credential::Cookie {
            refuse_cross_site(app, parts)?;
        }
        Caller::load(app, id_hash, credential).await.map(Self)
    }
}

/// A person in the console; a token of the app is 403 `not_on_mobile`.
pub struct Web(pub Caller);

impl FromRequestParts<App> for Web {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let WebOrMobile(caller) = WebOrMobile::from_request_parts(parts, app).await?;
        if caller.via == Via::Web { Ok(Self(caller)) } else { Err(Problem::not_on_mobile()) }
    }
}

/// A person by any credential, before anything else of the request is looked at: for a route that refuses a whole
/// channel and puts that on record. It must change nothing else for a [`Via::Web`] caller, for whether another site
/// asked isn't looked at either.
pub struct AnyChannel(pub Caller);

impl FromRequestParts<App> for AnyChannel {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (id_hash, credential) = credential(&parts.headers)?;
        Caller::load(app, id_hash, credential).await.map(Self)
    }
}
