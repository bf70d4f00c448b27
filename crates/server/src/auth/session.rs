//! The secrets that stand for a signed-in person: the console's cookie and the app's token.

use axum::http::header::COOKIE as COOKIE_HEADER;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use store::Millis;
use store::sessions::IdHash;
use zeroize::Zeroizing;

use crate::problem::{Problem, Result};

/// The cookie's name. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const COOKIE: &str = "__Host-latchkey";

/// How long a console session lasts without a request, in milliseconds: 30 minutes.
pub const WEB_IDLE: Millis = 30 * 60 * 1000;
/// How long a console session lasts at most, in milliseconds: 12 hours.
pub const WEB_ABSOLUTE: Millis = 12 * 60 * 60 * 1000;
/// How long an app token lasts, in milliseconds: 30 days.
pub const MOBILE_ABSOLUTE: Millis = 30 * 24 * 60 * 60 * 1000;

/// 256 random bits as text; the server keeps only their SHA-256. No `Debug`.
///
/// That is too much to guess, so the hash needs neither salt nor cost.
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// A new random secret from the operating system.
    pub(crate) fn generate() -> Result<Self> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut bytes[..]).map_err(Problem::internal)?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(&bytes[..]))))
    }

    /// The text, for the one response that hands it out.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The hash that is stored.
    pub(crate) fn hash(&self) -> IdHash {
        hash_of(&self.0)
    }
}

/// The hash of a secret that a client sent.
pub(crate) fn hash_of(secret: &str) -> IdHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// `Set-Cookie` for a new session. No `Max-Age`: it ends with the browser, and on the server in any case.
pub(crate) fn set_cookie(secret: &Secret) -> HeaderValue {
    let text = Zeroizing::new(format!("{COOKIE}={}; HttpOnly; Secure; SameSite=Strict; Path=/", secret.expose()));
    let mut value = HeaderValue::from_str(&text).expect("base64 and attributes");
    value.set_sensitive(true);
    value
}

/// `Set-Cookie` that deletes the session's cookie.
pub(crate) fn clear_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-latchkey=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0")
}

/// The session's cookie, if the request has one.
pub(crate) fn cookie_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && !value.is_empty())
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, other) = (Secret::generate().expect("random"), Secret::generate().expect("random"));
        assert_eq!(one.expose().len(), 43);
        assert_ne!(one.expose(), other.expose());
        assert_eq!(hash_of(one.expose()), one.hash());
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE_HEADER, HeaderValue::from_static("theme=dark; x__Host-latchkey=no"));
        assert_eq!(cookie_of(&headers), None);
        headers.append(COOKIE_HEADER, HeaderValue::from_static("a=b;__Host-latchkey=yes"));
        assert_eq!(cookie_of(&headers), Some("yes"));
    }
}
