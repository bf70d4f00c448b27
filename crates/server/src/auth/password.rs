//! Passwords: Argon2id, a few at a time, off the async threads.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

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
/// At most [`Passwords::CONCURRENCY`] at a time, for each takes 19 MiB and a processor; at most [`Passwords::QUEUE`] wait. The
/// memory is kept and used again: what an allocator is given back by other threads again and again, it may not give back.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// Wiped memory for as many checks as ever ran at once.
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
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
            memory: Arc::default(),
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
        let (dummy, pool) = (self.dummy.clone(), self.memory.clone());
        self.run(move || {
            let known = hash.is_some();
            let parsed = PasswordHash::new(hash.as_deref().unwrap_or(&dummy)).map_err(|error| {
                // The hash itself isn't logged.
                format!("a stored password hash can't be read: {error}")
            })?;
            let kept = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut memory = kept.unwrap_or_default();
            let same = matches(&parsed, password.0.as_bytes(), &mut memory);
            memory.iter_mut().for_each(Zeroize::zeroize);
            pool.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
            Ok(same.map_err(|error| format!("a stored password hash can't be checked: {error}"))? && known)
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

/// Whether the password has that hash, worked out in `memory`, which is made as large as it takes.
fn matches(hash: &PasswordHash, password: &[u8], memory: &mut Vec<Block>) -> Result<bool, String> {
    let fails = |error: &dyn std::fmt::Display| error.to_string();
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|error| fails(&error))?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).map_err(|error| fails(&error))?;
    let params = Params::try_from(hash).map_err(|error| fails(&error))?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Err("it has no salt or no hash".into()) };
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut found = Zeroizing::new(vec![0; expected.len()]);
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password, salt.as_ref(), &mut found, &mut memory[..blocks])
        .map_err(|error| fails(&error))?;
    // Outputs are compared in constant time.
    Ok(Output::new(&found).map_err(|error| fails(&error))? == *expected)
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

    /// The program's resident memory, in MiB.
    fn resident_mib() -> u64 {
        let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
        let pages: u64 = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
        pages * 4096 / (1024 * 1024)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn fifty_sign_ins_at_once_keep_the_memory_of_two() {
        let passwords = Passwords::new(PasswordCost::STANDARD).expect("random bytes");
        let hash = passwords.hash(Password::new("correct horse".into())).await.expect("hashed");
        let before = resident_mib();
        for _ in 0..2 {
            let mut all = tokio::task::JoinSet::new();
            for number in 0..50 {
                let (passwords, hash) = (passwords.clone(), hash.clone());
                let password = if number % 2 == 0 { "correct horse" } else { "wrong horse" };
                all.spawn(async move {
                    let right = passwords.verify(Password::new(password.into()), Some(hash)).await.expect("checked");
                    assert_eq!(right, number % 2 == 0);
                });
            }
            while let Some(done) = all.join_next().await {
                done.expect("no panic");
            }
            let kept = passwords.memory.lock().expect("no panic");
            assert!(kept.len() <= Passwords::CONCURRENCY, "{}", kept.len());
            assert!(kept.iter().flatten().all(|block| block.as_ref().iter().all(|word| *word == 0)), "it is wiped");
        }
        let more = resident_mib().saturating_sub(before);
        assert!(more <= 256, "{more} MiB");
    }

    #[tokio::test]
    async fn the_standard_cost_is_what_is_asked_for() {
        let passwords = Passwords::new(PasswordCost::STANDARD).expect("random bytes");
        assert!(passwords.dummy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
