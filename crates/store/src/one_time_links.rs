//! One-time links: to make the first administrator (R34), and to invite somebody (R37). Only the SHA-256 of their
//! secrets is stored.

use ids::PersonId;
use rusqlite::params;

use crate::shares::SecretHash;
use crate::{Db, Millis, Result, Tx, sql};

/// An invitation that is still valid.
#[derive(Clone, Copy, Debug)]
pub struct InvitationRecord {
    /// Whom it invites.
    pub person_id: PersonId,
    /// When it stops working.
    pub expires_at: Millis,
}

sql::from_row!(InvitationRecord { person_id, expires_at });

/// Stores a link to make the first administrator, in place of any older one.
pub fn insert_set_up(tx: &Tx, secret_hash: &SecretHash, now: Millis, expires_at: Millis) -> Result<()> {
    insert(tx, secret_hash, None, now, expires_at)
}

/// Stores a link that invites somebody, in place of any older one.
pub fn insert_invitation(
    tx: &Tx,
    secret_hash: &SecretHash,
    person_id: PersonId,
    now: Millis,
    expires_at: Millis,
) -> Result<()> {
    insert(tx, secret_hash, Some(person_id), now, expires_at)
}

fn insert(
    tx: &Tx,
    secret_hash: &SecretHash,
    person_id: Option<PersonId>,
    now: Millis,
    expires_at: Millis,
) -> Result<()> {
    let purpose = if person_id.is_some() { "invitation" } else { "set_up" };
    sql::execute(tx, "DELETE FROM one_time_link WHERE purpose = ? AND person_id IS ?", params![purpose, person_id])?;
    sql::execute(
        tx,
        "INSERT INTO one_time_link (secret_hash, purpose, person_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
        params![&secret_hash[..], purpose, person_id, now, expires_at],
    )?;
    Ok(())
}

/// Whether this is the secret of the link to make the first administrator, at `now`.
pub fn is_set_up(db: &Db, secret_hash: &SecretHash, now: Millis) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM one_time_link WHERE secret_hash = ? AND purpose = 'set_up' AND expires_at > ?)",
        params![&secret_hash[..], now],
    )
}

/// The invitation with this secret, if it is valid at `now`.
pub fn invitation(db: &Db, secret_hash: &SecretHash, now: Millis) -> Result<Option<InvitationRecord>> {
    sql::optional(
        db,
        "SELECT person_id, expires_at FROM one_time_link \
         WHERE secret_hash = ? AND purpose = 'invitation' AND expires_at > ?",
        params![&secret_hash[..], now],
    )
}

/// Ends the links to make the first administrator.
pub fn end_set_up(tx: &Tx) -> Result<()> {
    sql::execute(tx, "DELETE FROM one_time_link WHERE purpose = 'set_up'", [])?;
    Ok(())
}

/// Ends a person's invitation, used or not.
pub fn end_invitation(tx: &Tx, person_id: PersonId) -> Result<()> {
    sql::execute(tx, "DELETE FROM one_time_link WHERE purpose = 'invitation' AND person_id = ?", [person_id])?;
    Ok(())
}

/// Whether somebody has an invitation that is valid at `now`.
pub fn is_invited(db: &Db, person_id: PersonId, now: Millis) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM one_time_link WHERE purpose = 'invitation' AND person_id = ? AND expires_at > ?)",
        params![person_id, now],
    )
}
