//! What a request with an `Idempotency-Key` did, so that repeating it does nothing more. Never holds digits (R32).

use ids::{CodeId, PersonId};
use rusqlite::params;

use crate::{Db, Millis, Result, Tx, sql};

/// How long records are kept, in milliseconds: seven days. The worker deletes older ones.
pub const RETENTION: Millis = 7 * 24 * 60 * 60 * 1000;

/// The outcome of a request, as first answered.
#[derive(Clone, Debug)]
pub struct Record {
    /// A keyed hash of method, path and body ([`crate::Tx::request_fingerprint`]).
    pub fingerprint: Vec<u8>,
    /// The HTTP status.
    pub status: u16,
    /// JSON, without digits.
    pub body: String,
    /// The code whose digits belong in the answer.
    pub code_id: Option<CodeId>,
}

sql::from_row!(Record { fingerprint, status, body, code_id });

/// What was done under that person's key.
pub fn find(db: &Db, person_id: PersonId, key: &str) -> Result<Option<Record>> {
    let sql = "SELECT fingerprint, status, body, code_id FROM idempotency WHERE person_id = ? AND key = ?";
    sql::optional(db, sql, params![person_id, key])
}

/// Stores what was done, in the same transaction.
pub fn insert(tx: &Tx, now: Millis, person_id: PersonId, key: &str, record: &Record) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO idempotency (person_id, key, fingerprint, status, body, code_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![person_id, key, record.fingerprint, record.status, record.body, record.code_id, now],
    )?;
    Ok(())
}

/// Deletes records older than `before`; returns how many.
pub fn forget_before(tx: &Tx, before: Millis) -> Result<u64> {
    Ok(sql::execute(tx, "DELETE FROM idempotency WHERE at < ?", [before])? as u64)
}
