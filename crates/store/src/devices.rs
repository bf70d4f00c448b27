//! Devices that signed in before: the signature of their marks, and their failed attempts since.

use rusqlite::params;

use crate::{Db, Millis, Result, Tx, Vault, sql};

/// The SHA-256 of a mark.
pub type MarkHash = [u8; 32];

/// After how long failures are forgotten: a day, by when they have long faded.
const FORGOTTEN_AFTER: Millis = 24 * 60 * 60 * 1000;

/// The failed attempts of a device, and until when it has to wait for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many, as far as they haven't faded.
    pub failures: u32,
    /// When the last one was.
    pub failed_at: Millis,
    /// Until when the next attempt has to wait.
    pub wait_until: Millis,
}

sql::from_row!(Failures { failures, failed_at as Moment, wait_until as Moment });

/// Signs the mark of a device for an account.
///
/// # Errors
/// [`crate::Error::Storage`], [`crate::Error::NoRandomness`].
pub fn sign(tx: &Tx, nonce: &[u8], email: &str) -> Result<Vec<u8>> {
    tx.request_fingerprint(&marked(nonce, email))
}

/// Whether that is the signature of a mark for an account.
///
/// # Errors
/// [`crate::Error::Storage`]; also where nothing was ever signed.
pub fn is_signed(db: &Db, vault: &Vault, nonce: &[u8], email: &str, signature: &[u8]) -> Result<bool> {
    Ok(vault.request_fingerprint(db, &marked(nonce, email))? == signature)
}

/// What is signed. No request is fingerprinted that begins so: a method is one word.
fn marked(nonce: &[u8], email: &str) -> Vec<u8> {
    [b"the mark of a device\n", nonce, b"\n", email.as_bytes()].concat()
}

/// The failures of a device, if it has any.
pub fn failures(db: &Db, mark: &MarkHash) -> Result<Option<Failures>> {
    let sql = "SELECT failures, failed_at, wait_until FROM device_failures WHERE mark_hash = ?";
    sql::optional(db, sql, [&mark[..]])
}

/// Notes the failures of a device, or that it has none, and forgets those of long ago.
pub fn set_failures(tx: &Tx, mark: &MarkHash, failures: Option<Failures>, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "DELETE FROM device_failures WHERE mark_hash = ? OR failed_at < ?",
        params![&mark[..], now - FORGOTTEN_AFTER],
    )?;
    if let Some(Failures { failures, failed_at, wait_until }) = failures {
        sql::execute(
            tx,
            "INSERT INTO device_failures (mark_hash, failures, failed_at, wait_until) VALUES (?, ?, ?, ?)",
            params![&mark[..], failures, failed_at, wait_until],
        )?;
    }
    Ok(())
}
