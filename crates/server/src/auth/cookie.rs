//! The cookie that brings a session of the console.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE as COOKIE_HEADER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::AppendHeaders;
use zeroize::Zeroizing;

use super::origin::plainly_on_loopback;
use super::session::Secret;
use super::user_agent::is_webkit;
use crate::app::App;

/// The cookie's name. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const COOKIE: &str = "__Host-latchkey";

/// The name of the cookie without `Secure`, for WebKit on loopback over plain http. It keeps no `Secure` cookie there, as
/// other browsers do.
pub const LOOPBACK_COOKIE: &str = "latchkey-loopback";

/// The name of the cookie by which the browser is known again that asked to sign in with a passkey.
const PASSKEY_COOKIE: &str = "__Host-latchkey-passkey";

/// As [`LOOPBACK_COOKIE`] is to [`COOKIE`].
const PASSKEY_LOOPBACK_COOKIE: &str = "latchkey-loopback-passkey";

/// What every session cookie has. No `Max-Age`: it ends with the browser, and on the server in any case.
const ATTRIBUTES: &str = "HttpOnly; SameSite=Strict; Path=/";
const HOST_ATTRIBUTES: &str = "HttpOnly; Secure; SameSite=Strict; Path=/";

/// Headers that set cookies.
pub(crate) type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

/// The cookies that may bring a session, depending on how the browser reaches the server.
///
/// Wherever there is a network in between, the only one is [`COOKIE`]: a cookie without `Secure` could be read on the way,
/// and anybody on the way could set one.
#[derive(Clone, Copy)]
pub(crate) struct SessionCookies {
    /// Whether [`LOOPBACK_COOKIE`] is one of them.
    on_loopback: bool,
}

impl FromRequestParts<App> for SessionCookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(app, &parts.headers, &parts.uri, &parts.extensions))
    }
}

impl SessionCookies {
    /// Those of a request.
    pub(crate) fn of(app: &App, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> Self {
        Self { on_loopback: plainly_on_loopback(app, headers, uri, extensions) }
    }

    /// What brings the request's session, if anything does.
    pub(crate) fn find(self, headers: &HeaderMap) -> Option<&str> {
        let loopback = self.on_loopback.then(|| value_of(headers, LOOPBACK_COOKIE));
        value_of(headers, COOKIE).or(loopback.flatten())
    }

    /// Gives the browser that sent `headers` a new session.
    pub(crate) fn set(self, secret: &Secret, headers: &HeaderMap) -> SetCookies {
        let loopback = self.on_loopback && is_webkit(headers);
        let loopback = loopback.then(|| set_cookie(LOOPBACK_COOKIE, secret.expose(), ATTRIBUTES));
        let host = set_cookie(COOKIE, secret.expose(), HOST_ATTRIBUTES);
        AppendHeaders([host].into_iter().chain(loopback).collect())
    }

    /// What the browser got that asked to sign in with a passkey, if it did.
    pub(crate) fn find_passkey(self, headers: &HeaderMap) -> Option<&str> {
        let loopback = self.on_loopback.then(|| value_of(headers, PASSKEY_LOOPBACK_COOKIE));
        value_of(headers, PASSKEY_COOKIE).or(loopback.flatten())
    }

    /// Gives it to the browser that sent `headers`, for as many seconds.
    pub(crate) fn set_passkey(self, secret: &Secret, lasts_s: u32, headers: &HeaderMap) -> SetCookies {
        let set = |name, attributes| set_cookie(name, secret.expose(), &format!("{attributes}; Max-Age={lasts_s}"));
        let loopback = self.on_loopback && is_webkit(headers);
        let loopback = loopback.then(|| set(PASSKEY_LOOPBACK_COOKIE, ATTRIBUTES));
        AppendHeaders([set(PASSKEY_COOKIE, HOST_ATTRIBUTES)].into_iter().chain(loopback).collect())
    }

    /// Takes the session away from the browser.
    pub(crate) fn clear(self) -> SetCookies {
        let cleared = |name, attributes| set_cookie(name, "", &format!("{attributes}; Max-Age=0"));
        let loopback = self.on_loopback.then(|| cleared(LOOPBACK_COOKIE, ATTRIBUTES));
        AppendHeaders([cleared(COOKIE, HOST_ATTRIBUTES)].into_iter().chain(loopback).collect())
    }
}

fn set_cookie(name: &str, value: &str, attributes: &str) -> (HeaderName, HeaderValue) {
    let text = Zeroizing::new(format!("{name}={value}; {attributes}"));
    let mut value = HeaderValue::from_str(&text).expect("base64 and attributes");
    value.set_sensitive(true);
    (SET_COOKIE, value)
}

/// The value of the named cookie, unless it is empty.
pub(super) fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE_HEADER, HeaderValue::from_static("theme=dark; x__Host-latchkey=no"));
        assert_eq!(value_of(&headers, COOKIE), None);
        headers.append(COOKIE_HEADER, HeaderValue::from_static("a=b;__Host-latchkey=yes"));
        assert_eq!(value_of(&headers, COOKIE), Some("yes"));
    }

    #[test]
    fn on_loopback_the_locked_down_cookie_comes_first() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE_HEADER, HeaderValue::from_static("latchkey-loopback=open"));
        let found = |headers: &HeaderMap, on_loopback| SessionCookies { on_loopback }.find(headers).map(str::to_owned);
        assert_eq!(found(&headers, false), None);
        assert_eq!(found(&headers, true).as_deref(), Some("open"));
        headers.append(COOKIE_HEADER, HeaderValue::from_static("__Host-latchkey=locked"));
        assert_eq!(found(&headers, true).as_deref(), Some("locked"));
    }
}
