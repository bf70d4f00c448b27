//! What a request with an `Idempotency-Key` did, so that asking again does nothing more. Never with digits (R32).

use sqlx::FromRow;
use uuid::Uuid;

use crate::{Db, Millis, Result, Tx};

/// The outcome of a request, as it was answered the first time.
#[derive(Clone, Debug, FromRow)]
pub struct Record {
    /// Of method, path and body, keyed ([`crate::Vault::request_fingerprint`]).
    pub fingerprint: Vec<u8>,
    /// The HTTP status.
    pub status: u16,
    /// JSON, without digits.
    pub body: String,
    /// The code whose digits belong to the answer.
    pub code_id: Option<Uuid>,
}

/// What was done for that key of that person.
pub async fn find(db: &mut Db, person_id: Uuid, key: &str) -> Result<Option<Record>> {
    Ok(sqlx::query_as("SELECT fingerprint, status, body, code_id FROM idempotency WHERE person_id = ? AND key = ?")
        .bind(person_id)
        .bind(key)
        .fetch_optional(db)
        .await?)
}

/// Stores what was done, in the transaction that does it.
pub async fn insert(tx: &mut Tx, now: Millis, person_id: Uuid, key: &str, record: &Record) -> Result<()> {
    sqlx::query(
        "INSERT INTO idempotency (person_id, key, fingerprint, status, body, code_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(person_id)
    .bind(key)
    .bind(&record.fingerprint)
    .bind(record.status)
    .bind(&record.body)
    .bind(record.code_id)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets records from before `before`; says how many.
pub async fn forget_before(tx: &mut Tx, before: Millis) -> Result<u64> {
    Ok(sqlx::query("DELETE FROM idempotency WHERE at < ?").bind(before).execute(&mut **tx).await?.rows_affected())
}
