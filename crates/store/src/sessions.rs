//! Console sessions and resident-app tokens. Only the SHA-256 of their secrets is stored.

use api_types::{Channel, ChannelKind, MaybeKnown, Platform};
use ids::{PersonId, SessionId};
use rusqlite::params;

use crate::{Db, Millis, Query, Result, Tx, sql};

/// SHA-256 of a session's or token's secret.
pub type IdHash = [u8; 32];

/// The app that a token was issued to, which it stays bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// What it runs on, as declared at sign-in.
    pub platform: Option<MaybeKnown<Platform>>,
    /// As declared at sign-in, which may be missing or malformed (R4).
    pub version: Option<String>,
}

/// A session to be stored.
pub struct NewSession<'a> {
    /// SHA-256 of its secret.
    pub id_hash: &'a IdHash,
    /// Whose.
    pub person_id: PersonId,
    /// The app for a token; `None` for the web.
    pub app: Option<&'a App>,
    /// A description of the browser it was started in; `None` if unknown, and for a token.
    pub browser: Option<&'a str>,
    /// When it ends if it isn't used.
    pub idle_expires_at: Millis,
    /// When it ends in any case.
    pub absolute_expires_at: Millis,
}

/// An unexpired session of a person who isn't disabled.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// Whose.
    pub person_id: PersonId,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// Whether the person may read everything.
    pub support: bool,
    /// Whether the person sets up properties and staff.
    pub administrator: bool,
    /// The app for a token; `None` for the web.
    pub app: Option<App>,
    /// When it was last used, coarsely: see [`touch`].
    pub last_seen_at: Millis,
    /// When it ends if it isn't used.
    pub idle_expires_at: Millis,
    /// When it ends in any case.
    pub absolute_expires_at: Millis,
}

struct LiveRow {
    person_id: PersonId,
    name: String,
    email: String,
    support: bool,
    administrator: bool,
    channel: ChannelKind,
    platform: Option<MaybeKnown<Platform>>,
    app_version: Option<String>,
    last_seen_at: Millis,
    idle_expires_at: Millis,
    absolute_expires_at: Millis,
}

sql::from_row!(LiveRow {
    person_id,
    name,
    email,
    support,
    administrator,
    channel as Named,
    platform as NamedIfKnown,
    app_version,
    last_seen_at as Moment,
    idle_expires_at as Moment,
    absolute_expires_at as Moment,
});

/// Stores a session. Its assurance is `declared`: nothing attests what the app says of itself.
pub fn insert(tx: &Tx, now: Millis, session: &NewSession<'_>) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO session (id_hash, id, person_id, channel, platform, app_version, browser, assurance, created_at, \
         last_seen_at, idle_expires_at, absolute_expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            &session.id_hash[..],
            SessionId::generate(),
            session.person_id,
            if session.app.is_some() { "mobile" } else { "web" },
            session.app.and_then(|app| app.platform.as_ref()).map(MaybeKnown::name),
            session.app.and_then(|app| app.version.as_deref()),
            session.browser,
            session.app.map(|_| "declared"),
            now,
            now,
            session.idle_expires_at,
            session.absolute_expires_at
        ],
    )?;
    Ok(())
}

/// In milliseconds: a session last used further than this in the future was used before the clock was set back. Nobody
/// knows how long ago that was, so the session is over.
const MAX_CLOCK_SKEW: Millis = 60 * 1000;

/// The session with that secret, if it is live at `now` and its person isn't disabled.
pub fn live(db: &Db, id_hash: &IdHash, now: Millis) -> Result<Option<LiveSession>> {
    let row: Option<LiveRow> = sql::optional(
        db,
        "SELECT session.person_id, person.name, coalesce(person.email, '') AS email, person.support, person.administrator, session.channel, session.platform, \
         session.app_version, session.last_seen_at, session.idle_expires_at, session.absolute_expires_at \
         FROM session JOIN person ON person.id = session.person_id \
         WHERE session.id_hash = ?1 AND session.idle_expires_at > ?2 AND session.absolute_expires_at > ?2 \
         AND session.last_seen_at <= ?3 AND person.disabled_at IS NULL",
        params![&id_hash[..], now, now + MAX_CLOCK_SKEW],
    )?;
    Ok(row.map(|row| LiveSession {
        person_id: row.person_id,
        name: row.name,
        email: row.email,
        support: row.support,
        administrator: row.administrator,
        app: (row.channel == ChannelKind::Mobile).then_some(App { platform: row.platform, version: row.app_version }),
        last_seen_at: row.last_seen_at,
        idle_expires_at: row.idle_expires_at,
        absolute_expires_at: row.absolute_expires_at,
    }))
}

/// Notes that the session was used at `now`, and moves its idle limit to `idle_expires_at`. This is nobody's action, so
/// it needs no event. Don't call it for every request.
pub fn touch(tx: &Tx, id_hash: &IdHash, now: Millis, idle_expires_at: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE session SET last_seen_at = ?, idle_expires_at = ? WHERE id_hash = ?",
        params![now, idle_expires_at, &id_hash[..]],
    )?;
    Ok(())
}

/// When that session began; `None` if there is none.
pub fn began_at(db: &Db, id_hash: &IdHash) -> Result<Option<Millis>> {
    sql::optional_value(db, "SELECT created_at FROM session WHERE id_hash = ?", [&id_hash[..]])
}

/// Ends one session; returns whether there was one.
pub fn end(tx: &Tx, id_hash: &IdHash) -> Result<bool> {
    let done = sql::execute(tx, "DELETE FROM session WHERE id_hash = ?", params![&id_hash[..]])?;
    Ok(done > 0)
}

/// A session as its owner sees it: without the secret or its hash.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    /// Its public id.
    pub id: SessionId,
    /// Whether it is the session that is asking.
    pub current: bool,
    channel: ChannelKind,
    platform: Option<MaybeKnown<Platform>>,
    app_version: Option<String>,
    /// A description of the browser it was started in.
    pub browser: Option<String>,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used, coarsely.
    pub last_seen_at: Millis,
    /// When it ends if it isn't used.
    pub expires_at: Millis,
}

sql::from_row!(SessionRecord {
    id,
    current,
    channel as Named,
    platform as NamedIfKnown,
    app_version,
    browser,
    created_at as Moment,
    last_seen_at as Moment,
    expires_at as Moment,
});

impl SessionRecord {
    /// The channel it is used from.
    pub fn channel(&self) -> Channel {
        Channel { kind: self.channel, platform: self.platform.clone(), app_version: self.app_version.clone() }
    }
}

/// How many of their sessions a person sees: the newest.
const LIST_LIMIT: i64 = 200;

/// A person's live, readable sessions and tokens, newest first. `current` is the one that is asking.
pub fn list(db: &Db, person_id: PersonId, current: &IdHash, now: Millis) -> Result<Vec<SessionRecord>> {
    list_query(person_id, current, now).all_readable(db)
}

/// The query behind [`list`], also used by the query-plan test.
pub fn list_query(person_id: PersonId, current: &IdHash, now: Millis) -> Query {
    let mut query = Query::new("SELECT id, id_hash = ");
    query.bind(&current[..]).push(
        " AS current, channel, platform, app_version, browser, created_at, last_seen_at, \
         min(idle_expires_at, absolute_expires_at) AS expires_at FROM session WHERE person_id = ",
    );
    query.bind(person_id).push(" AND idle_expires_at > ").bind(now);
    query.push(" AND absolute_expires_at > ").bind(now);
    query.push(" ORDER BY created_at DESC, id DESC LIMIT ").bind(LIST_LIMIT);
    query
}

/// Ends a person's live session with that public id. Returns it as it was; `None` if they have no such session (R33).
pub fn end_one_of(
    tx: &Tx,
    person_id: PersonId,
    id: SessionId,
    current: &IdHash,
    now: Millis,
) -> Result<Option<SessionRecord>> {
    sql::optional(
        tx,
        "DELETE FROM session WHERE id = ?1 AND person_id = ?2 AND idle_expires_at > ?3 AND absolute_expires_at > ?3 \
         RETURNING id, id_hash = ?4 AS current, channel, platform, app_version, browser, created_at, last_seen_at, \
         min(idle_expires_at, absolute_expires_at) AS expires_at",
        params![id, person_id, now, &current[..]],
    )
}

/// Ends a person's sessions and tokens except the one that is asking. Returns how many live ones there were.
pub fn end_others_of(tx: &Tx, person_id: PersonId, current: &IdHash, now: Millis) -> Result<u32> {
    forget_expired_of(tx, person_id, now)?;
    let done =
        sql::execute(tx, "DELETE FROM session WHERE person_id = ? AND id_hash <> ?", params![person_id, &current[..]])?;
    Ok(u32::try_from(done).unwrap_or(u32::MAX))
}

/// Ends all of a person's sessions and tokens (after moving out or a password change); returns how many there were.
pub fn end_all_of(tx: &Tx, person_id: PersonId) -> Result<u64> {
    Ok(sql::execute(tx, "DELETE FROM session WHERE person_id = ?", [person_id])? as u64)
}

/// Ends the person's tokens of the app; returns how many there were.
pub fn end_tokens_of(tx: &Tx, person_id: PersonId) -> Result<u64> {
    Ok(sql::execute(tx, "DELETE FROM session WHERE person_id = ? AND channel = 'mobile'", [person_id])? as u64)
}

/// Whether the session with that secret has expired, or was last used in the future.
pub fn is_expired(db: &Db, id_hash: &IdHash, now: Millis) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM session WHERE id_hash = ?1 AND (idle_expires_at <= ?2 \
         OR absolute_expires_at <= ?2 OR last_seen_at > ?3))",
        params![&id_hash[..], now, now + MAX_CLOCK_SKEW],
    )
}

/// Whether any expired session hasn't been deleted yet.
pub fn any_expired(db: &Db, now: Millis) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM session WHERE idle_expires_at <= ?1 OR absolute_expires_at <= ?1)";
    sql::value(db, sql, [now])
}

/// Deletes all expired sessions, so that setting the clock back later can't make them valid again.
pub fn forget_expired(tx: &Tx, now: Millis) -> Result<()> {
    let sql = "DELETE FROM session WHERE idle_expires_at <= ?1 OR absolute_expires_at <= ?1";
    sql::execute(tx, sql, [now]).map(|_| ())
}

/// Deletes a person's expired sessions, so that the table doesn't grow with every sign-in.
pub fn forget_expired_of(tx: &Tx, person_id: PersonId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "DELETE FROM session WHERE person_id = ?1 AND (idle_expires_at <= ?2 OR absolute_expires_at <= ?2)",
        params![person_id, now],
    )?;
    Ok(())
}
