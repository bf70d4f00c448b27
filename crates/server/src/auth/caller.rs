//! Who is calling, according to their credential and nothing else in the request.

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::sessions::IdHash;
use store::{Millis, sessions};

use super::authority::{Authority, Credential, CredentialKind, Via};
use super::cookie::SessionCookies;
use super::origin::Site;
use super::session::{MOBILE_IDLE, WEB_IDLE, hash_of};
use crate::app::App;
use crate::denials::KnownCaller;
use crate::problem::{Problem, Result};

/// A session's idle limit, and with it the time of its last use, is updated only once it would move by this much, so
/// that not every request writes: one minute.
const TOUCH_EVERY: Millis = 60 * 1000;

/// The same for a token, whose idle limit is much longer: every five minutes.
const TOKEN_TOUCH_EVERY: Millis = 5 * 60 * 1000;

/// A signed-in person and what they could do when the request came in.
///
/// Handlers take an extractor of [`crate::requester`], never the headers. It is read afresh for every request, and
/// again in the transaction of everything that the request changes.
#[derive(Clone)]
pub struct Caller {
    authority: Authority,
    credential: Credential,
    /// When the session ends if it isn't used again.
    pub expires_at: Millis,
}

impl Caller {
    /// What the request is authenticated with.
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// What they could do when the request came in, for read-only requests.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The hash of the session's secret.
    pub(crate) fn session(&self) -> &IdHash {
        &self.credential.id_hash
    }

    /// The caller of a request. A request with a cookie that another site's page made is refused unless it only reads.
    ///
    /// # Errors
    /// 401 `signed_out`; 400 `both_credentials`; 403 `cross_site`.
    pub(crate) async fn of_request(app: &App, parts: &Parts) -> Result<Self> {
        let credential = credential(app, parts)?;
        if credential.kind == CredentialKind::Cookie {
            refuse_cross_site(app, parts)?;
        }
        Self::load(app, credential, parts.extensions.get()).await
    }

    /// Like [`Caller::of_request`], whichever site made the request.
    ///
    /// # Errors
    /// As [`Caller::of_request`], except 403.
    pub(crate) async fn of_any_site(app: &App, parts: &Parts) -> Result<Self> {
        Self::load(app, credential(app, parts)?, parts.extensions.get()).await
    }

    async fn load(app: &App, credential: Credential, known_caller: Option<&KnownCaller>) -> Result<Self> {
        let now = app.now();
        let found = app.store().read(move |db| {
            let found = Authority::with_session(db, credential, now)?;
            // What has ended stays ended, even if the clock is set back later.
            let over = found.is_none() && sessions::is_expired(db, &credential.id_hash, now)?;
            Ok::<_, store::Error>((found, over))
        });
        let (found, over) = found.await?;
        let Some((authority, times)) = found else {
            if over {
                app.store().write_later(move |tx| sessions::end(tx, &credential.id_hash).map(|_| ()));
            }
            return Err(Problem::signed_out());
        };
        if let Some(known_caller) = known_caller {
            known_caller.set(&authority);
        }
        let (renewed, due) = match authority.via {
            Via::Web => (now + WEB_IDLE, now + WEB_IDLE - times.idle_expires_at >= TOUCH_EVERY),
            Via::Mobile(_) => (now + MOBILE_IDLE, now - times.last_seen_at >= TOKEN_TOUCH_EVERY),
        };
        if due {
            // Reading never waits for writing. If this isn't written, the session merely ends earlier.
            app.store().write_later(move |tx| sessions::touch(tx, &credential.id_hash, now, renewed));
        }
        let idle_expires_at = if due { renewed } else { times.idle_expires_at };
        Ok(Self { authority, credential, expires_at: idle_expires_at.min(times.absolute_expires_at) })
    }
}

/// The single credential of a request.
fn credential(app: &App, parts: &Parts) -> Result<Credential> {
    let Parts { headers, uri, extensions, .. } = parts;
    match (SessionCookies::of(app, headers, uri, extensions).find(headers), headers.get(AUTHORIZATION)) {
        (Some(_), Some(_)) => Err(Problem::both_credentials()),
        (Some(cookie), None) => Ok(Credential { id_hash: hash_of(cookie), kind: CredentialKind::Cookie }),
        (None, Some(value)) => {
            let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
            if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
                Ok(Credential { id_hash: hash_of(token.trim()), kind: CredentialKind::Bearer })
            } else {
                Err(Problem::signed_out())
            }
        }
        (None, None) => Err(Problem::signed_out()),
    }
}

/// Refuses a request with two credentials, whatever it asks for: a cookie and an `Authorization` header, or two of those.
pub(crate) async fn refuse_two_credentials(cookies: SessionCookies, request: Request, next: Next) -> Response {
    if request.headers().get_all(AUTHORIZATION).iter().nth(1).is_some() {
        return Problem::both_credentials().with_detail("Send one Authorization header.").into_response();
    }
    if cookies.find(request.headers()).is_some() && request.headers().contains_key(AUTHORIZATION) {
        return Problem::both_credentials().into_response();
    }
    next.run(request).await
}

/// Refuses a change that another site's page asks for with a cookie. Reads may come from anywhere, since `SameSite`
/// withholds the cookie from other sites.
fn refuse_cross_site(app: &App, parts: &Parts) -> Result<()> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || Site::of(app, &parts.headers, &parts.uri) == Site::Same { Ok(()) } else { Err(Problem::cross_site()) }
}
