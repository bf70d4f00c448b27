//! Links by which guests see their codes without signing in. Only the SHA-256 of their secrets is stored.
//!
//! A link has no scope of its own: anyone who may see the guest code may see its links. So every function but
//! [`by_secret`] takes the id of a guest code that was found in the caller's scope.

use ids::{GuestCodeId, PersonId, ShareId};
use rusqlite::params;

use crate::{Db, Millis, Query, Result, Tx, sql};

/// SHA-256 of a link's secret.
pub type SecretHash = [u8; 32];

/// An unrevoked link, as seen by anyone who may manage the guest code.
#[derive(Clone, Debug)]
pub struct ShareRecord {
    /// The link's id, by which it is revoked.
    pub id: ShareId,
    /// When it was made.
    pub created_at: Millis,
    /// The name of the person who made it.
    pub created_by: String,
    /// How often a guest has opened it.
    pub opened_count: u32,
    /// When a guest last opened it.
    pub last_opened_at: Option<Millis>,
    /// Where it was sent by mail, if it was, for as long as that is known.
    pub mailed_to: Option<String>,
    /// Whether the mail server took it.
    pub mail_sent: bool,
    /// Whether the mail server refused it for good, or it couldn't be sent for too long.
    pub mail_bounced: bool,
    /// When the mail was written.
    pub mail_at: Option<Millis>,
    /// What the mail server last said, if it didn't take it.
    pub mail_reply: Option<String>,
}

sql::from_row!(ShareRecord {
    id,
    created_at as Moment,
    created_by,
    opened_count,
    last_opened_at as Moment,
    mailed_to,
    mail_sent,
    mail_bounced,
    mail_at as Moment,
    mail_reply
});

/// A link found by its secret, revoked or not.
#[derive(Clone, Debug)]
pub struct KnownShare {
    /// The link's id.
    pub id: ShareId,
    /// The guest code it shows.
    pub guest_code_id: GuestCodeId,
    /// The name of the person who made it.
    pub created_by: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether the tenancy that its guest belongs to is over, even if that hasn't been processed yet.
    pub moved_out: bool,
}

sql::from_row!(KnownShare { id, guest_code_id, created_by, revoked, moved_out });

/// Stores a link. Returns its id.
pub fn insert(
    tx: &Tx,
    guest_code_id: GuestCodeId,
    secret_hash: &SecretHash,
    created_by: PersonId,
    now: Millis,
) -> Result<ShareId> {
    let id = ShareId::generate();
    sql::execute(
        tx,
        "INSERT INTO guest_code_share (id, guest_code_id, secret_hash, created_by, created_at) VALUES (?, ?, ?, ?, ?)",
        params![id, guest_code_id, &secret_hash[..], created_by, now],
    )?;
    Ok(id)
}

/// The readable, unrevoked links of a guest code, newest first.
pub fn list(db: &Db, guest_code_id: GuestCodeId) -> Result<Vec<ShareRecord>> {
    list_query(guest_code_id).all_readable(db)
}

/// The query behind [`list`], also used by the query-plan test. There are few links, since the rules allow few.
pub fn list_query(guest_code_id: GuestCodeId) -> Query {
    let mut query = Query::new(
        "SELECT guest_code_share.id, guest_code_share.created_at, coalesce((SELECT tenancy.name FROM guest_code JOIN tenancy \
         ON tenancy.id = guest_code.tenancy_id WHERE guest_code.id = guest_code_share.guest_code_id \
         AND tenancy.person_id = person.id), person.name) AS created_by, \
         guest_code_share.opened_count, guest_code_share.last_opened_at, mail.address AS mailed_to, \
         coalesce(mail.state = 'sent', 0) AS mail_sent, coalesce(mail.state = 'bounced', 0) AS mail_bounced, \
         mail.created_at AS mail_at, mail.reply AS mail_reply \
         FROM guest_code_share JOIN person ON person.id = guest_code_share.created_by \
         LEFT JOIN mail ON mail.link_hash = guest_code_share.secret_hash \
         WHERE guest_code_share.revoked_at IS NULL AND guest_code_share.guest_code_id = ",
    );
    query.bind(guest_code_id);
    query.push(" ORDER BY guest_code_share.created_at DESC, guest_code_share.id DESC");
    query
}

/// How many unrevoked links a guest code has.
pub fn count(db: &Db, guest_code_id: GuestCodeId) -> Result<u32> {
    sql::value(
        db,
        "SELECT count(*) FROM guest_code_share WHERE guest_code_id = ? AND revoked_at IS NULL",
        [guest_code_id],
    )
}

/// Revokes a link of that guest code; returns whether there was one to revoke.
pub fn revoke(tx: &Tx, guest_code_id: GuestCodeId, id: ShareId, now: Millis) -> Result<bool> {
    let done = sql::execute(
        tx,
        "UPDATE guest_code_share SET revoked_at = ? WHERE id = ? AND guest_code_id = ? AND revoked_at IS NULL",
        params![now, id, guest_code_id],
    )?;
    Ok(done > 0)
}

/// The link with that secret.
pub fn by_secret(db: &Db, secret_hash: &SecretHash, now: Millis) -> Result<Option<KnownShare>> {
    sql::optional(
        db,
        "SELECT guest_code_share.id, guest_code_share.guest_code_id, CASE WHEN tenancy.person_id = person.id THEN tenancy.name ELSE person.name END AS created_by, \
         guest_code_share.revoked_at IS NOT NULL AS revoked, \
         coalesce(tenancy.ended_at IS NOT NULL OR tenancy.ends_at <= ?, 0) AS moved_out \
         FROM guest_code_share JOIN person ON person.id = guest_code_share.created_by \
         JOIN guest_code ON guest_code.id = guest_code_share.guest_code_id \
         LEFT JOIN tenancy ON tenancy.id = guest_code.tenancy_id WHERE guest_code_share.secret_hash = ?",
        params![now, &secret_hash[..]],
    )
}

/// Counts that a guest opened the link.
pub fn count_opening(tx: &Tx, id: ShareId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE guest_code_share SET opened_count = opened_count + 1, last_opened_at = ? WHERE id = ?",
        params![now, id],
    )?;
    Ok(())
}
