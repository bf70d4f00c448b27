//! Sessions of the console and tokens of the resident app. Only the SHA-256 of their secrets is stored.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{Db, Millis, Result, Tx};

/// SHA-256 of a session's or token's secret.
pub type IdHash = [u8; 32];

/// The app that a token was issued to; bound to it for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// `ios` or `android`.
    pub platform: String,
    /// As declared at sign-in, which may be missing or malformed (R4).
    pub version: Option<String>,
}

/// A session to be stored.
pub struct NewSession<'a> {
    /// SHA-256 of its secret.
    pub id_hash: &'a IdHash,
    /// Whose.
    pub person_id: Uuid,
    /// The app for a token; `None` for the web.
    pub app: Option<&'a App>,
    /// When it ends if it isn't used.
    pub idle_expires_at: Millis,
    /// When it ends whatever happens.
    pub absolute_expires_at: Millis,
}

/// A session that hasn't expired, of a person who isn't disabled.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// Whose.
    pub person_id: Uuid,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The person may read everything.
    pub support: bool,
    /// The app for a token; `None` for the web.
    pub app: Option<App>,
    /// When it ends if it isn't used.
    pub idle_expires_at: Millis,
    /// When it ends whatever happens.
    pub absolute_expires_at: Millis,
}

#[derive(FromRow)]
struct Row {
    person_id: Uuid,
    name: String,
    email: String,
    support: bool,
    channel: String,
    platform: Option<String>,
    app_version: Option<String>,
    idle_expires_at: Millis,
    absolute_expires_at: Millis,
}

/// Stores a session. Its assurance is `declared`: nothing attests what the app says of itself.
pub async fn insert(tx: &mut Tx, now: Millis, session: &NewSession<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO session (id_hash, person_id, channel, platform, app_version, assurance, created_at, \
         idle_expires_at, absolute_expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&session.id_hash[..])
    .bind(session.person_id)
    .bind(if session.app.is_some() { "mobile" } else { "web" })
    .bind(session.app.map(|app| app.platform.as_str()))
    .bind(session.app.and_then(|app| app.version.as_deref()))
    .bind(session.app.map(|_| "declared"))
    .bind(now)
    .bind(session.idle_expires_at)
    .bind(session.absolute_expires_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The session of that secret if it is alive at `now` and its person isn't disabled.
pub async fn live(db: &mut Db, id_hash: &IdHash, now: Millis) -> Result<Option<LiveSession>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT session.person_id, person.name, person.email, person.support, session.channel, session.platform, \
         session.app_version, session.idle_expires_at, session.absolute_expires_at \
         FROM session JOIN person ON person.id = session.person_id \
         WHERE session.id_hash = ?1 AND session.idle_expires_at > ?2 AND session.absolute_expires_at > ?2 \
         AND person.disabled_at IS NULL",
    )
    .bind(&id_hash[..])
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| LiveSession {
        person_id: row.person_id,
        name: row.name,
        email: row.email,
        support: row.support,
        app: (row.channel == "mobile")
            .then(|| App { platform: row.platform.unwrap_or_default(), version: row.app_version }),
        idle_expires_at: row.idle_expires_at,
        absolute_expires_at: row.absolute_expires_at,
    }))
}

/// Moves the idle limit on. Nobody's action, so it needs no event.
pub async fn touch(tx: &mut Tx, id_hash: &IdHash, idle_expires_at: Millis) -> Result<()> {
    sqlx::query("UPDATE session SET idle_expires_at = ? WHERE id_hash = ?")
        .bind(idle_expires_at)
        .bind(&id_hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends one session; says whether there was one.
pub async fn end(tx: &mut Tx, id_hash: &IdHash) -> Result<bool> {
    let done = sqlx::query("DELETE FROM session WHERE id_hash = ?").bind(&id_hash[..]).execute(&mut **tx).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends every session and token of a person (moving out, another password); says how many there were.
pub async fn end_all_of(tx: &mut Tx, person_id: Uuid) -> Result<u64> {
    let done = sqlx::query("DELETE FROM session WHERE person_id = ?").bind(person_id).execute(&mut **tx).await?;
    Ok(done.rows_affected())
}

/// Forgets a person's sessions that have expired, so that the table doesn't grow with every sign-in.
pub async fn forget_expired_of(tx: &mut Tx, person_id: Uuid, now: Millis) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE person_id = ?1 AND (idle_expires_at <= ?2 OR absolute_expires_at <= ?2)")
        .bind(person_id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
