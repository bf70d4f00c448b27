//! The secrets that stand for a signed-in person: a session of the console and the app's token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use store::Millis;
use store::sessions::IdHash;
use zeroize::Zeroizing;

use crate::problem::{Problem, Result};

/// How long a console session lasts without a request, in milliseconds: 30 minutes.
pub const WEB_IDLE: Millis = 30 * 60 * 1000;
/// How long a console session lasts at most, in milliseconds: 12 hours.
pub const WEB_ABSOLUTE: Millis = 12 * 60 * 60 * 1000;
/// How long an app token lasts without a request, in milliseconds: 14 days.
pub const MOBILE_IDLE: Millis = 14 * 24 * 60 * 60 * 1000;
/// How long an app token lasts at most, in milliseconds: 30 days.
pub const MOBILE_ABSOLUTE: Millis = 30 * 24 * 60 * 60 * 1000;

/// 256 random bits as text; the server keeps only their SHA-256. No `Debug`.
///
/// That is too much to guess, so the hash needs neither salt nor cost.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A new random secret from the operating system.
    pub fn generate() -> Result<Self> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut bytes[..]).map_err(Problem::internal)?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(&bytes[..]))))
    }

    /// The text, for the one response that hands it out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash that is stored.
    pub fn hash(&self) -> IdHash {
        hash_of(&self.0)
    }
}

/// The hash of a secret that a client sent.
pub(crate) fn hash_of(secret: &str) -> IdHash {
    Sha256::digest(secret.as_bytes()).into()
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
}
