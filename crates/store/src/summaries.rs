//! The daily summary that a property's managers get by mail: when it is due, and who wants it.

use ids::{PersonId, PropertyId};
use rusqlite::params;

use crate::{Db, Millis, Query, Result, Tx, Vault, sql};

/// No summary is due later than this from now: 26 hours, a day on which clocks are set back and an hour to spare. What is
/// was worked out before the clock was set back.
const LATEST: Millis = 26 * 60 * 60 * 1000;

/// The properties whose summary is due, and those where it isn't known when it is.
pub fn due(db: &Db, now: Millis) -> Result<Vec<PropertyId>> {
    due_query(now).ids(db)
}

/// The query behind [`due`], also used by the query-plan test.
pub fn due_query(now: Millis) -> Query {
    // One index finds each of the three, but not all of them at once.
    const SELECT: &str = "SELECT id FROM property WHERE summary_at IS NOT NULL AND summary_due_at";
    let mut query = Query::new(SELECT);
    query.push(" IS NULL UNION ALL ").push(SELECT).push(" <= ").bind(now);
    query.push(" UNION ALL ").push(SELECT).push(" > ").bind(now + LATEST);
    query
}

/// When the next summary is due, of any property.
pub fn next_due(db: &Db) -> Result<Option<Millis>> {
    let sql = "SELECT min(summary_due_at) FROM property WHERE summary_at IS NOT NULL";
    Ok(sql::optional_value::<Option<Millis>>(db, sql, [])?.flatten())
}

/// When a property's summary is due; `None` while that isn't known, or is too far off to be right.
pub fn due_at(db: &Db, id: PropertyId, now: Millis) -> Result<Option<Millis>> {
    let due: Option<Option<Millis>> =
        sql::optional_value(db, "SELECT summary_due_at FROM property WHERE id = ?", [id])?;
    Ok(due.flatten().filter(|at| *at <= now + LATEST))
}

/// Keeps when a property's summary is due next.
pub fn set_due(tx: &Tx, id: PropertyId, at: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE property SET summary_due_at = ? WHERE id = ?", params![at, id])?;
    Ok(())
}

/// Sets when the summary is sent, in minutes after midnight there, or that none is.
pub fn set_time(tx: &Tx, id: PropertyId, at: Option<u16>) -> Result<()> {
    let sql = "UPDATE property SET summary_at = ?, summary_due_at = NULL, version = version + 1 WHERE id = ?";
    sql::execute(tx, sql, params![at, id])?;
    Ok(())
}

/// A manager who wants the summary.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The person.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Where it goes.
    pub email: String,
}

sql::from_row!(Reader { id, name, email });

/// A property's managers who want its summary and can sign in.
pub fn readers(db: &Db, property_id: PropertyId) -> Result<Vec<Reader>> {
    sql::all(
        db,
        "SELECT person.id, person.name, person.email FROM manages JOIN person ON person.id = manages.person_id \
         WHERE manages.property_id = ? AND manages.summary AND person.disabled_at IS NULL \
         AND person.email IS NOT NULL AND person.password_hash IS NOT NULL ORDER BY person.id",
        [property_id],
    )
}

/// Whether a manager of that property wants its summary; `None` for anybody else.
pub fn is_wanted(db: &Db, person_id: PersonId, property_id: PropertyId) -> Result<Option<bool>> {
    let sql = "SELECT summary FROM manages WHERE person_id = ? AND property_id = ?";
    sql::optional_value(db, sql, params![person_id, property_id])
}

/// Sets whether a manager wants a property's summary.
pub fn set_wanted(tx: &Tx, person_id: PersonId, property_id: PropertyId, wanted: bool) -> Result<()> {
    let sql = "UPDATE manages SET summary = ? WHERE person_id = ? AND property_id = ?";
    sql::execute(tx, sql, params![wanted, person_id, property_id])?;
    Ok(())
}

/// Signs that whoever has it may stop a manager's summaries of a property, for the mail that they come in.
///
/// # Errors
/// [`crate::Error::Storage`], [`crate::Error::NoRandomness`].
pub fn sign_stop(tx: &Tx, person_id: PersonId, property_id: PropertyId) -> Result<Vec<u8>> {
    tx.request_fingerprint(&stopping(person_id, property_id))
}

/// Whether that is such a signature.
///
/// # Errors
/// [`crate::Error::Storage`]; also where nothing was ever signed.
pub fn is_stop_signed(
    db: &Db,
    vault: &Vault,
    person_id: PersonId,
    property_id: PropertyId,
    signature: &[u8],
) -> Result<bool> {
    Ok(vault.request_fingerprint(db, &stopping(person_id, property_id))? == signature)
}

/// What is signed. No request is fingerprinted that begins so: a method is one word.
fn stopping(person_id: PersonId, property_id: PropertyId) -> Vec<u8> {
    format!("stops the summaries\n{person_id}\n{property_id}").into_bytes()
}
