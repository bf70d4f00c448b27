//! Passkeys: public keys by which people sign in without a password.

use ids::{PasskeyId, PersonId};
use rusqlite::params;

use crate::{Db, Millis, Result, Tx, sql};

/// A passkey. It holds nothing secret: whoever reads it can't sign in with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// The passkey's id.
    pub id: PasskeyId,
    /// Whose it is.
    pub person_id: PersonId,
    /// The public key, the counter and more, as JSON. Only who checks signatures knows its form.
    pub credential: String,
    /// What its person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Millis,
    /// When somebody last signed in with it.
    pub last_used_at: Option<Millis>,
}

sql::from_row!(PasskeyRecord {
    id,
    person_id,
    credential,
    name,
    created_at as Moment,
    last_used_at as Moment,
});

/// A passkey to be added.
pub struct NewPasskey<'a> {
    /// The passkey's id.
    pub id: PasskeyId,
    /// Whose it is.
    pub person_id: PersonId,
    /// What devices call it.
    pub credential_id: &'a [u8],
    /// As in [`PasskeyRecord::credential`].
    pub credential: &'a str,
    /// What its person calls it.
    pub name: &'a str,
}

const PASSKEY: &str = "SELECT id, person_id, credential, name, created_at, last_used_at FROM passkey";

/// Adds a passkey.
///
/// # Errors
/// A unique violation when there is one that devices call the same.
pub fn insert(tx: &Tx, now: Millis, passkey: &NewPasskey<'_>) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO passkey (id, person_id, credential_id, credential, name, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        params![passkey.id, passkey.person_id, passkey.credential_id, passkey.credential, passkey.name, now],
    )?;
    Ok(())
}

/// The passkey that devices call so, whoever it belongs to.
pub fn by_credential_id(db: &Db, credential_id: &[u8]) -> Result<Option<PasskeyRecord>> {
    sql::optional(db, &format!("{PASSKEY} WHERE credential_id = ?"), [credential_id])
}

/// A passkey of that person; `None` also for one of somebody else (R33).
pub fn of_person(db: &Db, person_id: PersonId, id: PasskeyId) -> Result<Option<PasskeyRecord>> {
    sql::optional(db, &format!("{PASSKEY} WHERE id = ? AND person_id = ?"), params![id, person_id])
}

/// A person's passkeys that can be read, the oldest first.
pub fn list(db: &Db, person_id: PersonId) -> Result<Vec<PasskeyRecord>> {
    sql::all_readable(db, &format!("{PASSKEY} WHERE person_id = ? ORDER BY id"), [person_id])
}

/// How many passkeys a person has.
pub fn count(db: &Db, person_id: PersonId) -> Result<u32> {
    sql::value(db, "SELECT count(*) FROM passkey WHERE person_id = ?", [person_id])
}

/// Notes that somebody signed in with it, and what it is from now on: its counter may have moved on.
pub fn set_used(tx: &Tx, id: PasskeyId, credential: &str, now: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE passkey SET credential = ?, last_used_at = ? WHERE id = ?", params![credential, now, id])?;
    Ok(())
}

/// Gives it another name.
pub fn rename(tx: &Tx, id: PasskeyId, name: &str) -> Result<()> {
    sql::execute(tx, "UPDATE passkey SET name = ? WHERE id = ?", params![name, id])?;
    Ok(())
}

/// Removes it: nobody signs in with it any more.
pub fn remove(tx: &Tx, id: PasskeyId) -> Result<()> {
    sql::execute(tx, "DELETE FROM passkey WHERE id = ?", [id])?;
    Ok(())
}
