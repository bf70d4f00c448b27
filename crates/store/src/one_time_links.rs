//! One-time links: to make the first administrator (R34), to invite somebody (R37), to set a forgotten password and to confirm
//! another address (R38). Only the SHA-256 of their secrets is stored.

use ids::PersonId;
use rusqlite::params;

use crate::shares::SecretHash;
use crate::{Db, Millis, Result, Tx, sql};

/// What a link does for the person whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Sets the first password (R37).
    Invitation,
    /// Sets another password (R38).
    Reset,
    /// Confirms another address (R38).
    Address,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Address => "address",
        }
    }
}

/// A link of a person that is still valid.
#[derive(Clone, Debug)]
pub struct LinkRecord {
    /// Whose.
    pub person_id: PersonId,
    /// The address that it confirms.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it stops working.
    pub expires_at: Millis,
}

sql::from_row!(LinkRecord { person_id, email, created_at, expires_at });

/// Stores a link for a person, in place of any older one for the same purpose. `email` is the address that it confirms.
pub fn insert_for(
    tx: &Tx,
    purpose: Purpose,
    secret_hash: &SecretHash,
    person_id: PersonId,
    email: Option<&str>,
    now: Millis,
    expires_at: Millis,
) -> Result<()> {
    end(tx, purpose, person_id)?;
    sql::execute(
        tx,
        "INSERT INTO one_time_link (secret_hash, purpose, person_id, email, created_at, expires_at) \
         VALUES (?, ?, ?, ?, ?, ?)",
        params![&secret_hash[..], purpose.name(), person_id, email, now, expires_at],
    )?;
    Ok(())
}

/// The link with this secret, if it is valid at `now`.
pub fn find(db: &Db, purpose: Purpose, secret_hash: &SecretHash, now: Millis) -> Result<Option<LinkRecord>> {
    sql::optional(
        db,
        "SELECT person_id, email, created_at, expires_at FROM one_time_link \
         WHERE secret_hash = ? AND purpose = ? AND expires_at > ?",
        params![&secret_hash[..], purpose.name(), now],
    )
}

/// The link that somebody has, if it is valid at `now`.
pub fn current(db: &Db, purpose: Purpose, person_id: PersonId, now: Millis) -> Result<Option<LinkRecord>> {
    sql::optional(
        db,
        "SELECT person_id, email, created_at, expires_at FROM one_time_link \
         WHERE purpose = ? AND coalesce(person_id, '') = ? AND expires_at > ?",
        params![purpose.name(), person_id, now],
    )
}

/// Ends a person's link, used or not.
pub fn end(tx: &Tx, purpose: Purpose, person_id: PersonId) -> Result<()> {
    let sql = "DELETE FROM one_time_link WHERE purpose = ? AND coalesce(person_id, '') = ?";
    sql::execute(tx, sql, params![purpose.name(), person_id])?;
    Ok(())
}

/// Stores a link to make the first administrator, in place of any older one.
pub fn insert_set_up(tx: &Tx, secret_hash: &SecretHash, now: Millis, expires_at: Millis) -> Result<()> {
    end_set_up(tx)?;
    sql::execute(
        tx,
        "INSERT INTO one_time_link (secret_hash, purpose, created_at, expires_at) VALUES (?, 'set_up', ?, ?)",
        params![&secret_hash[..], now, expires_at],
    )?;
    Ok(())
}

/// Stores a link that invites somebody, in place of any older one.
pub fn insert_invitation(
    tx: &Tx,
    secret_hash: &SecretHash,
    person_id: PersonId,
    now: Millis,
    expires_at: Millis,
) -> Result<()> {
    insert_for(tx, Purpose::Invitation, secret_hash, person_id, None, now, expires_at)
}

/// Whether this is the secret of the link to make the first administrator, at `now`.
pub fn is_set_up(db: &Db, secret_hash: &SecretHash, now: Millis) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM one_time_link WHERE secret_hash = ? AND purpose = 'set_up' AND expires_at > ?)",
        params![&secret_hash[..], now],
    )
}

/// Ends the links to make the first administrator.
pub fn end_set_up(tx: &Tx) -> Result<()> {
    sql::execute(tx, "DELETE FROM one_time_link WHERE purpose = 'set_up'", [])?;
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
