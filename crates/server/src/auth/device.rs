//! The mark of a device that signed in before (OWASP's *device cookies*).
//!
//! Strangers' guesses at an account make everybody wait who tries to sign in to it, except on a device that its owner
//! signed in on: such a device has a mark, signed for that account, and a count of its own, which survives restarts.
//! Whoever steals a mark gets nothing but that count.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::AppendHeaders;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use store::devices::{self, MarkHash};
use store::{Db, Tx, Vault};

use super::cookie::value_of;

/// The cookie's name.
pub(crate) const DEVICE_COOKIE: &str = "__Host-latchkey-device";

/// As long as browsers keep a cookie: about 400 days.
const ATTRIBUTES: &str = "HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=34560000";

/// How many accounts' marks a device keeps: a family's.
const MOST: usize = 4;

/// Bytes of a mark's random part.
const NONCE: usize = 16;

/// The marks that a device sent, each for an account that isn't known yet.
#[derive(Clone, Default)]
pub(crate) struct Marks(Vec<String>);

/// A mark that is signed for the account that somebody signs in to.
#[derive(Clone)]
pub(crate) struct Mark {
    text: String,
    /// What its failures are counted by.
    pub(crate) hash: MarkHash,
}

impl Mark {
    fn new(text: String) -> Self {
        let hash = Sha256::digest(text.as_bytes()).into();
        Self { text, hash }
    }
}

impl Marks {
    /// Those of a request.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sent = if headers.contains_key(COOKIE) { value_of(headers, DEVICE_COOKIE) } else { None };
        Self(sent.into_iter().flat_map(|sent| sent.split('~')).take(MOST).map(str::to_owned).collect())
    }

    /// Whether the device sent none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that is signed for that account. What can't be checked is none.
    pub(crate) fn find(&self, db: &Db, vault: &Vault, email: &str) -> Option<Mark> {
        let signed = |text: &&String| {
            let (nonce, signature) = text.split_once('.')?;
            let nonce = URL_SAFE_NO_PAD.decode(nonce).ok().filter(|nonce| nonce.len() == NONCE)?;
            let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
            devices::is_signed(db, vault, &nonce, email, &signature).ok().filter(|signed| *signed)
        };
        self.0.iter().find(|text| signed(text).is_some()).map(|text| Mark::new(text.clone()))
    }

    /// The device's marks from now on: the account's own, which is made if there is none, before those of others.
    pub(crate) fn with(self, tx: &Tx, own: Option<Mark>, email: &str) -> store::Result<Self> {
        let own = match own {
            Some(own) => own.text,
            None => {
                let mut nonce = [0_u8; NONCE];
                getrandom::fill(&mut nonce).map_err(|_| store::Error::NoRandomness)?;
                let signature = devices::sign(tx, &nonce, email)?;
                format!("{}.{}", URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(signature))
            }
        };
        let others = self.0.into_iter().filter(|other| *other != own).take(MOST - 1).collect::<Vec<_>>();
        Ok(Self([vec![own], others].concat()))
    }

    /// Gives them to the device.
    pub(crate) fn set(&self) -> AppendHeaders<Option<(HeaderName, HeaderValue)>> {
        // Others' marks came from the client: one with anything but what ours have is dropped.
        let ours = |mark: &&String| mark.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let marks: Vec<&str> = self.0.iter().filter(ours).map(String::as_str).collect();
        let value = HeaderValue::from_str(&format!("{DEVICE_COOKIE}={}; {ATTRIBUTES}", marks.join("~")));
        AppendHeaders(value.ok().map(|mut value| {
            value.set_sensitive(true);
            (SET_COOKIE, value)
        }))
    }
}
