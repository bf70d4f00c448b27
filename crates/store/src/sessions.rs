//! Sessions of the console and tokens of the resident app. Only the SHA-256 of their secrets is stored.

use api_types::{Channel, ChannelKind};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::names::Name;
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
    /// The browser it is begun in, in words; `None` where that isn't known, and for a token.
    pub browser: Option<&'a str>,
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
    /// When it was last used, coarsely: see [`touch`].
    pub last_seen_at: Millis,
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
    last_seen_at: Millis,
    idle_expires_at: Millis,
    absolute_expires_at: Millis,
}

/// Stores a session. Its assurance is `declared`: nothing attests what the app says of itself.
pub async fn insert(tx: &mut Tx, now: Millis, session: &NewSession<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO session (id_hash, id, person_id, channel, platform, app_version, browser, assurance, created_at, \
         last_seen_at, idle_expires_at, absolute_expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&session.id_hash[..])
    .bind(Uuid::now_v7())
    .bind(session.person_id)
    .bind(if session.app.is_some() { "mobile" } else { "web" })
    .bind(session.app.map(|app| app.platform.as_str()))
    .bind(session.app.and_then(|app| app.version.as_deref()))
    .bind(session.browser)
    .bind(session.app.map(|_| "declared"))
    .bind(now)
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
         session.app_version, session.last_seen_at, session.idle_expires_at, session.absolute_expires_at \
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
        last_seen_at: row.last_seen_at,
        idle_expires_at: row.idle_expires_at,
        absolute_expires_at: row.absolute_expires_at,
    }))
}

/// Notes that the session is used at `now`, and moves its idle limit to `idle_expires_at`. Nobody's action, so it needs
/// no event; and not to be done for every request.
pub async fn touch(tx: &mut Tx, id_hash: &IdHash, now: Millis, idle_expires_at: Millis) -> Result<()> {
    sqlx::query("UPDATE session SET last_seen_at = ?, idle_expires_at = ? WHERE id_hash = ?")
        .bind(now)
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

/// A session as the person whose it is sees it: without its secret and what is stored of that.
#[derive(Clone, Debug, FromRow)]
pub struct SessionRecord {
    /// Its public id.
    pub id: Uuid,
    /// It is the one that was named as being used.
    pub current: bool,
    channel: String,
    platform: Option<String>,
    app_version: Option<String>,
    /// The browser it was begun in, in words.
    pub browser: Option<String>,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used, coarsely.
    pub last_seen_at: Millis,
    /// When it ends if it isn't used.
    pub expires_at: Millis,
}

impl SessionRecord {
    /// Where it is used from.
    ///
    /// # Errors
    /// [`crate::Error::Unknown`] for a channel that this version doesn't know.
    pub fn channel(&self) -> Result<Channel> {
        Ok(Channel {
            kind: ChannelKind::of(&self.channel)?,
            platform: self.platform.clone(),
            app_version: self.app_version.clone(),
        })
    }
}

/// A person may see so many of their sessions, the newest.
const LISTED: i64 = 200;

/// A person's live sessions and tokens, newest first. `current` is the one that asks.
pub async fn list(db: &mut Db, person_id: Uuid, current: &IdHash, now: Millis) -> Result<Vec<SessionRecord>> {
    Ok(list_query(person_id, current, now).build_query_as().fetch_all(db).await?)
}

/// The query of [`list`]; also read by the test of query plans.
pub fn list_query(person_id: Uuid, current: &IdHash, now: Millis) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT id, id_hash = ");
    query.push_bind(current.to_vec()).push(
        " AS current, channel, platform, app_version, browser, created_at, last_seen_at, \
         min(idle_expires_at, absolute_expires_at) AS expires_at FROM session WHERE person_id = ",
    );
    query.push_bind(person_id).push(" AND idle_expires_at > ").push_bind(now);
    query.push(" AND absolute_expires_at > ").push_bind(now);
    query.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(LISTED);
    query
}

/// Ends a person's live session of that public id. Answers it as it was; `None` where they have no such session (R33).
pub async fn end_one_of(
    tx: &mut Tx,
    person_id: Uuid,
    id: Uuid,
    current: &IdHash,
    now: Millis,
) -> Result<Option<SessionRecord>> {
    Ok(sqlx::query_as(
        "DELETE FROM session WHERE id = ?1 AND person_id = ?2 AND idle_expires_at > ?3 AND absolute_expires_at > ?3 \
         RETURNING id, id_hash = ?4 AS current, channel, platform, app_version, browser, created_at, last_seen_at, \
         min(idle_expires_at, absolute_expires_at) AS expires_at",
    )
    .bind(id)
    .bind(person_id)
    .bind(now)
    .bind(&current[..])
    .fetch_optional(&mut **tx)
    .await?)
}

/// Ends a person's sessions and tokens but for the one that asks. Answers how many live ones there were.
pub async fn end_others_of(tx: &mut Tx, person_id: Uuid, current: &IdHash, now: Millis) -> Result<u32> {
    forget_expired_of(tx, person_id, now).await?;
    let done = sqlx::query("DELETE FROM session WHERE person_id = ? AND id_hash <> ?")
        .bind(person_id)
        .bind(&current[..])
        .execute(&mut **tx)
        .await?;
    Ok(u32::try_from(done.rows_affected()).unwrap_or(u32::MAX))
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
