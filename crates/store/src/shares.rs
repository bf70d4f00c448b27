//! Links by which guests see their codes without signing in. Only the SHA-256 of their secrets is stored.
//!
//! A link is in nobody's scope by itself: whoever may see the guest code may see its links, so every function but
//! [`by_secret`] takes the id of a guest code that was found in the caller's scope.

use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::{Db, Millis, Result, Tx};

/// SHA-256 of a link's secret.
pub type SecretHash = [u8; 32];

/// A link that wasn't revoked, as whoever may manage the guest code sees it.
#[derive(Clone, Debug, FromRow)]
pub struct ShareRecord {
    /// The link's id, by which it is revoked.
    pub id: Uuid,
    /// When it was made.
    pub created_at: Millis,
    /// The name of who made it.
    pub created_by: String,
    /// How often a guest has opened it.
    pub opened_count: u32,
    /// When last.
    pub last_opened_at: Option<Millis>,
}

/// A link as its secret finds it, revoked or not.
#[derive(Clone, Debug, FromRow)]
pub struct KnownShare {
    /// The link's id.
    pub id: Uuid,
    /// What it shows.
    pub guest_code_id: Uuid,
    /// The name of who made it.
    pub created_by: String,
    /// It was revoked.
    pub revoked: bool,
    /// The tenancy whose guest it is for is over, whether or not that has been seen to.
    pub moved_out: bool,
}

/// Stores a link. Answers its id.
pub async fn insert(
    tx: &mut Tx,
    guest_code_id: Uuid,
    secret_hash: &SecretHash,
    created_by: Uuid,
    now: Millis,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO guest_code_share (id, guest_code_id, secret_hash, created_by, created_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(guest_code_id)
    .bind(&secret_hash[..])
    .bind(created_by)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The links of a guest code that weren't revoked, newest first.
pub async fn list(db: &mut Db, guest_code_id: Uuid) -> Result<Vec<ShareRecord>> {
    Ok(list_query(guest_code_id).build_query_as().fetch_all(db).await?)
}

/// The query of [`list`]; also read by the test of query plans. There are few, for the rules allow few.
pub fn list_query(guest_code_id: Uuid) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(
        "SELECT guest_code_share.id, guest_code_share.created_at, person.name AS created_by, \
         guest_code_share.opened_count, guest_code_share.last_opened_at \
         FROM guest_code_share JOIN person ON person.id = guest_code_share.created_by \
         WHERE guest_code_share.revoked_at IS NULL AND guest_code_share.guest_code_id = ",
    );
    query.push_bind(guest_code_id);
    query.push(" ORDER BY guest_code_share.created_at DESC, guest_code_share.id DESC");
    query
}

/// How many links of a guest code weren't revoked.
pub async fn count(db: &mut Db, guest_code_id: Uuid) -> Result<u32> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM guest_code_share WHERE guest_code_id = ? AND revoked_at IS NULL")
        .bind(guest_code_id)
        .fetch_one(db)
        .await?)
}

/// Revokes a link of that guest code; says whether there was one to revoke.
pub async fn revoke(tx: &mut Tx, guest_code_id: Uuid, id: Uuid, now: Millis) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE guest_code_share SET revoked_at = ? WHERE id = ? AND guest_code_id = ? AND revoked_at IS NULL",
    )
    .bind(now)
    .bind(id)
    .bind(guest_code_id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The link of that secret.
pub async fn by_secret(db: &mut Db, secret_hash: &SecretHash, now: Millis) -> Result<Option<KnownShare>> {
    Ok(sqlx::query_as(
        "SELECT guest_code_share.id, guest_code_share.guest_code_id, person.name AS created_by, \
         guest_code_share.revoked_at IS NOT NULL AS revoked, \
         coalesce(tenancy.ended_at IS NOT NULL OR tenancy.ends_at <= ?, 0) AS moved_out \
         FROM guest_code_share JOIN person ON person.id = guest_code_share.created_by \
         JOIN guest_code ON guest_code.id = guest_code_share.guest_code_id \
         LEFT JOIN tenancy ON tenancy.id = guest_code.tenancy_id WHERE guest_code_share.secret_hash = ?",
    )
    .bind(now)
    .bind(&secret_hash[..])
    .fetch_optional(db)
    .await?)
}

/// Counts that a guest opened the link.
pub async fn opened(tx: &mut Tx, id: Uuid, now: Millis) -> Result<()> {
    sqlx::query("UPDATE guest_code_share SET opened_count = opened_count + 1, last_opened_at = ? WHERE id = ?")
        .bind(now)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
