//! Passwords: Argon2id, a few at a time, off the async threads.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::problem::{Problem, Result};

/// A password in the clear; wiped when dropped. No `Debug`, no `Clone`.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The longest accepted, in bytes.
    pub const MAX: usize = 1024;

    /// The fewest characters of a new one (R37).
    pub const MIN_NEW: usize = 12;

    /// Takes ownership of a password. Keyboards differ in how they compose accents, so it is normalised (NFC).
    pub fn new(password: String) -> Self {
        let password = Zeroizing::new(password);
        // Made large enough at once: what grows leaves a copy behind.
        let mut composed = Zeroizing::new(String::with_capacity(password.len() * 3));
        composed.extend(password.nfc());
        Self(composed)
    }

    /// Whether it is long enough to be given to somebody (R37), as well as acceptable.
    pub fn is_acceptable_as_new(&self) -> bool {
        self.is_acceptable() && self.0.chars().count() >= Self::MIN_NEW
    }

    /// Whether its length is acceptable.
    pub fn is_acceptable(&self) -> bool {
        (1..=Self::MAX).contains(&self.0.len())
    }
}

/// What a hash costs.
#[derive(Clone, Copy, Debug)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
}

impl PasswordCost {
    /// 19 MiB, 2 passes, 1 lane: the least that is appropriate for people's passwords.
    pub const STANDARD: Self = Self { memory_kib: 19 * 1024, passes: 2 };

    /// Practically nothing. For tests, which hash often and have no secrets.
    pub const FOR_TESTS: Self = Self { memory_kib: 8, passes: 1 };
}

/// Hashes and checks passwords.
///
/// At most [`Passwords::CONCURRENCY`] at a time, for each takes 19 MiB and a processor; at most [`Passwords::QUEUE`] wait.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// Checked for unknown people, so that they take the same time. No password matches it.
    dummy: Arc<str>,
}

impl Passwords {
    /// How many hashes run at once.
    pub const CONCURRENCY: usize = 2;
    /// How many may run or wait; further ones are turned away with 429.
    pub const QUEUE: usize = 64;

    /// Hashes passwords at that cost.
    ///
    /// # Errors
    /// The operating system supplies no random bytes.
    pub fn new(cost: PasswordCost) -> anyhow::Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut nobodys = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut nobodys[..]).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
        let dummy = hash(&argon2, &nobodys[..]).map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self {
            argon2,
            running: Arc::new(Semaphore::new(Self::CONCURRENCY)),
            admitted: Arc::new(Semaphore::new(Self::QUEUE)),
            dummy: dummy.into(),
        })
    }

    /// The password's hash in PHC form, with a salt of its own.
    ///
    /// # Errors
    /// 429 when too many are already waiting.
    pub async fn hash(&self, password: Password) -> Result<String> {
        let argon2 = self.argon2.clone();
        self.run(move || hash(&argon2, password.0.as_bytes())).await?.map_err(Problem::internal)
    }

    /// Whether the password matches the hash. For `None`, an unknown person, it takes as long and returns `false`.
    ///
    /// # Errors
    /// 429 when too many are already waiting.
    pub async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool> {
        let argon2 = self.argon2.clone();
        let dummy = self.dummy.clone();
        self.run(move || {
            let known = hash.is_some();
            let parsed = PasswordHash::new(hash.as_deref().unwrap_or(&dummy)).map_err(|error| {
                // The hash itself isn't logged.
                format!("a stored password hash can't be read: {error}")
            })?;
            let same = argon2.verify_password(password.0.as_bytes(), &parsed).is_ok();
            Ok(same && known)
        })
        .await?
        .map_err(|error: String| Problem::internal(error))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| Problem::too_many_requests(2))?;
        let running = self.running.clone().acquire_owned().await.map_err(Problem::internal)?;
        // The permits move with the work, which runs on even if the request is abandoned.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop((running, admitted));
            result
        })
        .await
        .map_err(Problem::internal)
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, String> {
    PasswordHasher::<PasswordHash>::hash_password(argon2, password)
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_none_matches_nobodys() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS).expect("random bytes");
        let hash = passwords.hash(Password::new("correct horse".into())).await.expect("hashed");
        assert!(passwords.verify(Password::new("correct horse".into()), Some(hash.clone())).await.expect("checked"));
        assert!(!passwords.verify(Password::new("wrong horse".into()), Some(hash)).await.expect("checked"));
        assert!(!passwords.verify(Password::new("correct horse".into()), None).await.expect("checked"));
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_its_accents_are_composed() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS).expect("random bytes");
        let hash = passwords.hash(Password::new("José’s bicycle".into())).await.expect("hashed");
        assert!(passwords.verify(Password::new("Jose\u{301}’s bicycle".into()), Some(hash)).await.expect("checked"));
    }

    #[test]
    fn r37_a_new_password_has_at_least_twelve_characters() {
        for (password, enough) in [("x", false), ("elevenchars", false), ("twelve chars", true), ("ääääääääääää", true)]
        {
            assert_eq!(Password::new(password.into()).is_acceptable_as_new(), enough, "{password}");
        }
        assert!(!Password::new("x".repeat(Password::MAX + 1)).is_acceptable_as_new());
    }

    #[tokio::test]
    async fn the_standard_cost_is_what_is_asked_for() {
        let passwords = Passwords::new(PasswordCost::STANDARD).expect("random bytes");
        assert!(passwords.dummy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
