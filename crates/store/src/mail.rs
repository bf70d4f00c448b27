//! Mail: written in the transaction of what it tells of, sent by a worker, and kept for a while with what became of it.
//!
//! The secret of a link in it is sealed while it waits, and erased once it is sent or won't be.

use ids::{PersonId, PropertyId};
use rusqlite::params;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::shares::SecretHash;
use crate::{Db, Millis, Result, Tx, sql};

/// Mail to be written.
pub struct NewMail<'a> {
    /// Which letter it is. Whoever gets another one of the same kind doesn't get an older one that still waits.
    pub kind: &'a str,
    /// Only an older one about the same property is no use any more.
    pub of_each_property: bool,
    /// Whom it is for, if that is somebody known.
    pub person_id: Option<PersonId>,
    /// The property that it is about.
    pub property_id: Option<PropertyId>,
    /// Where it goes.
    pub address: &'a str,
    /// The language that it is written in.
    pub language: &'a str,
    /// What it says, as JSON, without the secret of its link.
    pub letter: &'a str,
    /// The link in it.
    pub link: Option<NewLink<'a>>,
    /// When it is no use any more.
    pub give_up_at: Millis,
}

/// A link in mail.
pub struct NewLink<'a> {
    /// What follows the `#`.
    pub secret: &'a str,
    /// What is kept of it.
    pub hash: &'a SecretHash,
    /// How long it is valid from when it is sent, for one whose time is so short that waiting must not use it up.
    pub lasts: Option<Millis>,
}

/// Mail that is being sent. No `Debug`: it holds the secret of a link.
pub struct Sending {
    /// Its row.
    pub id: i64,
    /// Stays the same however often it is sent.
    pub message_id: String,
    /// Whom it is for, if that is somebody known.
    pub person_id: Option<PersonId>,
    /// The property that it is about.
    pub property_id: Option<PropertyId>,
    /// Where it goes.
    pub address: String,
    /// The language that it is written in.
    pub language: String,
    /// What it says, as JSON.
    pub letter: String,
    /// When it was written.
    pub created_at: Millis,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// What follows the `#` of its link.
    pub secret: Option<Zeroizing<String>>,
}

struct Row {
    message_id: String,
    person_id: Option<PersonId>,
    property_id: Option<PropertyId>,
    address: String,
    language: String,
    letter: String,
    link_hash: Option<Vec<u8>>,
    sealed_link: Option<Vec<u8>>,
    sealed_with: Option<i64>,
    link_lasts: Option<Millis>,
    created_at: Millis,
    give_up_at: Millis,
    attempts: u32,
}

sql::from_row!(Row {
    message_id,
    person_id,
    property_id,
    address,
    language,
    letter,
    link_hash,
    sealed_link,
    sealed_with,
    link_lasts,
    created_at,
    give_up_at,
    attempts
});

/// How the newest mail to somebody goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whether the server refused it for good, or it couldn't be sent for too long.
    pub bounced: bool,
    /// Whether it still waits.
    pub waiting: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub created_at: Millis,
    /// What the mail server last said, if it didn't take it.
    pub reply: Option<String>,
}

sql::from_row!(Delivery { bounced, waiting, attempts, created_at, reply });

/// Writes mail, to be sent from now on. What the same person was going to get of the same kind isn't sent any more.
pub fn insert(tx: &Tx, now: Millis, mail: &NewMail<'_>) -> Result<()> {
    if mail.person_id.is_some() {
        sql::execute(
            tx,
            "UPDATE mail SET state = 'dropped', next_attempt_at = NULL, settled_at = ?, sealed_link = NULL \
             WHERE person_id = ? AND kind = ? AND state = 'waiting' AND (NOT ? OR property_id IS ?)",
            params![now, mail.person_id, mail.kind, mail.of_each_property, mail.property_id],
        )?;
    }
    let message_id = Uuid::now_v7().to_string();
    let sealed = mail.link.as_ref().map(|link| tx.seal_link(&message_id, link.secret)).transpose()?;
    let (version, sealed) = sealed.map_or((None, None), |(version, sealed)| (Some(version), Some(sealed)));
    sql::execute(
        tx,
        "INSERT INTO mail (message_id, kind, person_id, property_id, address, language, letter, link_hash, sealed_link, \
         sealed_with, link_lasts, created_at, give_up_at, state, next_attempt_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)",
        params![
            message_id,
            mail.kind,
            mail.person_id,
            mail.property_id,
            mail.address,
            mail.language,
            mail.letter,
            mail.link.as_ref().map(|link| &link.hash[..]),
            sealed,
            version,
            mail.link.as_ref().and_then(|link| link.lasts),
            now,
            mail.give_up_at,
            now
        ],
    )?;
    Ok(())
}

/// Mail that is to be sent at `now`, what waits longest first.
pub fn due(db: &Db, now: Millis, limit: u32) -> Result<Vec<i64>> {
    sql::values(
        db,
        "SELECT id FROM mail WHERE state = 'waiting' AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?",
        params![now, limit],
    )
}

/// When mail is to be sent next.
pub fn next_due(db: &Db) -> Result<Option<Millis>> {
    sql::value(db, "SELECT min(next_attempt_at) FROM mail WHERE state = 'waiting'", [])
}

/// Begins an attempt to send mail; `None` where it doesn't wait any more, or where its link was used, replaced or is too old,
/// so that it isn't sent at all. Until the attempt is settled, another one is due at `again_at`: if the program ends meanwhile,
/// nobody knows what became of it.
pub fn begin(tx: &Tx, id: i64, now: Millis, again_at: Millis) -> Result<Option<Sending>> {
    let row: Option<Row> = sql::optional(
        tx,
        "SELECT message_id, person_id, property_id, address, language, letter, link_hash, sealed_link, sealed_with, \
         link_lasts, created_at, give_up_at, attempts FROM mail WHERE id = ? AND state = 'waiting'",
        [id],
    )?;
    let Some(row) = row else { return Ok(None) };
    if row.give_up_at <= now {
        // It counts as undeliverable if the server never took it.
        settle(tx, id, "bounced", now, None)?;
        return Ok(None);
    }
    if let (Some(hash), Some(lasts)) = (&row.link_hash, row.link_lasts) {
        let sql = "UPDATE one_time_link SET expires_at = max(expires_at, ?) WHERE secret_hash = ?";
        sql::execute(tx, sql, params![now + lasts, hash])?;
    }
    if let Some(hash) = &row.link_hash
        && !leads_somewhere(tx, hash, now)?
    {
        settle(tx, id, "dropped", now, None)?;
        return Ok(None);
    }
    let secret = match (&row.sealed_link, row.sealed_with) {
        (Some(sealed), Some(version)) => Some(tx.vault().open_link(tx, &row.message_id, version, sealed)?),
        _ => None,
    };
    sql::execute(
        tx,
        "UPDATE mail SET attempts = attempts + 1, next_attempt_at = ? WHERE id = ?",
        params![again_at, id],
    )?;
    Ok(Some(Sending {
        id,
        message_id: row.message_id,
        person_id: row.person_id,
        property_id: row.property_id,
        address: row.address,
        language: row.language,
        letter: row.letter,
        created_at: row.created_at,
        attempts: row.attempts + 1,
        secret,
    }))
}

/// Whether a link, to set a password or to a guest's pass, still works.
fn leads_somewhere(db: &Db, hash: &[u8], now: Millis) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM one_time_link WHERE secret_hash = ?1 AND expires_at > ?2) \
         OR EXISTS (SELECT 1 FROM guest_code_share WHERE secret_hash = ?1 AND revoked_at IS NULL)",
        params![hash, now],
    )
}

/// The server took it.
pub fn sent(tx: &Tx, id: i64, now: Millis) -> Result<()> {
    settle(tx, id, "sent", now, None)
}

/// The server refused it for good.
pub fn bounced(tx: &Tx, id: i64, now: Millis, reply: &str) -> Result<()> {
    settle(tx, id, "bounced", now, Some(reply))
}

/// It isn't worth sending any more, or can't be.
pub fn drop_unsent(tx: &Tx, id: i64, now: Millis) -> Result<()> {
    settle(tx, id, "dropped", now, None)
}

fn settle(tx: &Tx, id: i64, state: &str, now: Millis, reply: Option<&str>) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE mail SET state = ?, next_attempt_at = NULL, settled_at = ?, sealed_link = NULL, \
         reply = CASE WHEN ?1 = 'sent' THEN NULL ELSE coalesce(?3, reply) END WHERE id = ?4 AND state = 'waiting'",
        params![state, now, reply, id],
    )?;
    Ok(())
}

/// It is tried again at `at`, since the server said or did this.
pub fn try_again(tx: &Tx, id: i64, at: Millis, reply: &str) -> Result<()> {
    let sql = "UPDATE mail SET next_attempt_at = ?, reply = ? WHERE id = ? AND state = 'waiting'";
    sql::execute(tx, sql, params![at, reply, id])?;
    Ok(())
}

/// Puts off everything else that is due at `now` until `at`, since the server did this when it was tried.
pub fn put_off(tx: &Tx, now: Millis, at: Millis, reply: &str) -> Result<()> {
    let sql = "UPDATE mail SET next_attempt_at = ?, reply = ? WHERE state = 'waiting' AND next_attempt_at <= ?";
    sql::execute(tx, sql, params![at, reply, now])?;
    Ok(())
}

/// Forgets what was settled before `then`; returns how many there were. What bounced is kept as long as it is the last that
/// somebody was sent.
pub fn forget_settled(tx: &Tx, then: Millis) -> Result<usize> {
    sql::execute(
        tx,
        "DELETE FROM mail WHERE settled_at < ? AND (state <> 'bounced' OR person_id IS NULL \
         OR id < (SELECT max(id) FROM mail AS newer WHERE newer.person_id = mail.person_id))",
        [then],
    )
}

/// How the newest mail to somebody goes, if it didn't arrive yet: it bounced, or waits although it was tried.
pub fn undelivered(db: &Db, person_id: PersonId) -> Result<Option<Delivery>> {
    let newest: Option<Delivery> = sql::optional(
        db,
        "SELECT state = 'bounced' AS bounced, state = 'waiting' AS waiting, attempts, created_at, reply FROM mail \
         WHERE person_id = ? AND state <> 'dropped' ORDER BY id DESC LIMIT 1",
        [person_id],
    )?;
    // What is on its way for the first time is no news. An attempt that isn't settled has left no reply yet.
    Ok(newest.filter(|newest| newest.bounced || (newest.waiting && newest.reply.is_some())))
}

/// Since when mail waits that was tried and not taken, and what the server last said; `None` while nothing does.
pub fn waiting(db: &Db) -> Result<Option<(Millis, u32, String)>> {
    sql::optional(
        db,
        "SELECT min(created_at), count(*), max(reply) FROM mail WHERE state = 'waiting' AND reply IS NOT NULL \
         GROUP BY state",
        [],
    )
}
