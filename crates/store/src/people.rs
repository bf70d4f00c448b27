//! People: who may sign in, and in which role.

use api_types::{MaybeKnown, Platform};
use ids::{BuildingId, PersonId, PropertyId, TenancyId, UnitId};
use rusqlite::params;

use crate::sessions::{self, App};
use crate::{Cursor, Db, Error, Millis, Query, Result, Tx, sql};

/// Somebody known to Latchkey. No `Debug`: it holds a password hash.
#[derive(Clone)]
pub struct Person {
    /// The person's id.
    pub id: PersonId,
    /// Lower case; empty if they have none (R41).
    pub email: String,
    /// As shown to others.
    pub name: String,
    /// Argon2id in PHC form; `None` if they can't sign in yet. Of a password that nobody knows, if they removed theirs.
    pub password_hash: Option<String>,
    /// Since when they have no password and sign in with passkeys alone.
    pub password_removed_at: Option<Millis>,
    /// Whether they may read everything in every property.
    pub support: bool,
    /// Whether they set up properties and staff (R34).
    pub administrator: bool,
    /// Since when the person has been disabled.
    pub disabled_at: Option<Millis>,
    /// What the resident app they last signed in with runs on.
    pub app_platform: Option<MaybeKnown<Platform>>,
    /// That app's version as declared, which may be malformed (R4).
    pub app_version: Option<String>,
}

sql::from_row!(Person { id, email, name, password_hash, password_removed_at, support, administrator, disabled_at, app_platform as NamedIfKnown, app_version });

const PERSON: &str = "SELECT id, coalesce(email, '') AS email, name, password_hash, password_removed_at, support, administrator, disabled_at, app_platform, app_version FROM person";

impl Person {
    /// Whether they have a password to sign in with.
    pub fn has_password(&self) -> bool {
        self.password_hash.is_some() && self.password_removed_at.is_none()
    }
}

/// A person to be added.
pub struct NewPerson<'a> {
    /// The person's id.
    pub id: PersonId,
    /// Stored as [`email_key`] returns it; empty for somebody without one (R41).
    pub email: &'a str,
    /// As shown to others.
    pub name: &'a str,
    /// Argon2id in PHC form.
    pub password_hash: Option<&'a str>,
    /// Whether they may read everything in every property.
    pub support: bool,
}

/// A tenancy that makes a person a resident at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentTenancy {
    /// What the API calls a resident.
    pub id: TenancyId,
    /// The property it is in.
    pub property_id: PropertyId,
    /// The unit.
    pub unit_id: UnitId,
    /// When it ends, if that is known.
    pub ends_at: Option<Millis>,
    /// The person's name in that property's roster (R39).
    pub name: String,
}

sql::from_row!(CurrentTenancy { id, property_id, unit_id, ends_at as Moment, name });

/// An email address as it is stored and looked up: trimmed, in lower case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The person with that address, in any letter case.
pub fn by_email(db: &Db, email: &str) -> Result<Option<Person>> {
    sql::optional(db, &format!("{PERSON} WHERE email = ?"), [email_key(email)])
}

/// The person with that id.
pub fn by_id(db: &Db, id: PersonId) -> Result<Option<Person>> {
    sql::optional(db, &format!("{PERSON} WHERE id = ?"), [id])
}

/// Adds a person.
///
/// # Errors
/// A unique violation when somebody has that address.
pub fn insert(tx: &Tx, now: Millis, person: &NewPerson<'_>) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO person (id, email, name, password_hash, support, created_at) \
         VALUES (?, nullif(?, ''), ?, ?, ?, ?)",
        params![person.id, email_key(person.email), person.name, person.password_hash, person.support, now],
    )?;
    Ok(())
}

/// Replaces a person's password. It doesn't end their sessions: see [`crate::sessions::end_all_of`].
pub fn set_password_hash(tx: &Tx, id: PersonId, password_hash: &str) -> Result<()> {
    let sql = "UPDATE person SET password_hash = ?, password_removed_at = NULL WHERE id = ?";
    sql::execute(tx, sql, params![password_hash, id])?;
    Ok(())
}

/// Removes a person's password: `nobodys_hash`, of a password that nobody knows, takes its place, so that they stay somebody
/// who can sign in.
pub fn remove_password(tx: &Tx, id: PersonId, nobodys_hash: &str, now: Millis) -> Result<()> {
    let sql = "UPDATE person SET password_hash = ?, password_removed_at = ? WHERE id = ?";
    sql::execute(tx, sql, params![nobodys_hash, now, id])?;
    Ok(())
}

/// The language that somebody last used the console in.
pub fn language(db: &Db, id: PersonId) -> Result<Option<String>> {
    Ok(sql::optional_value::<Option<String>>(db, "SELECT language FROM person WHERE id = ?", [id])?.flatten())
}

/// Remembers the language that somebody uses the console in.
pub fn set_language(tx: &Tx, id: PersonId, language: &str) -> Result<()> {
    sql::execute(tx, "UPDATE person SET language = ? WHERE id = ? AND language IS NOT ?1", params![language, id])?;
    Ok(())
}

/// Grants or withdraws the support role.
pub fn set_support(tx: &Tx, id: PersonId, support: bool) -> Result<()> {
    sql::execute(tx, "UPDATE person SET support = ? WHERE id = ?", params![support, id])?;
    Ok(())
}

/// Grants or withdraws the role of administrator (R34).
pub fn set_administrator(tx: &Tx, id: PersonId, administrator: bool) -> Result<()> {
    sql::execute(tx, "UPDATE person SET administrator = ? WHERE id = ?", params![administrator, id])?;
    Ok(())
}

/// Whether anybody who isn't disabled is an administrator, other than `except`. Who was only invited doesn't count.
pub fn has_administrator(db: &Db, except: Option<PersonId>) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM person WHERE administrator AND disabled_at IS NULL \
         AND password_hash IS NOT NULL AND id IS NOT ?)",
        [except],
    )
}

/// Somebody on the staff, as administrators see them.
#[derive(Clone, Debug)]
pub struct StaffRecord {
    /// The person's id.
    pub id: PersonId,
    /// As shown to others.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// Whether they may read everything in every property.
    pub support: bool,
    /// Whether they set up properties and staff.
    pub administrator: bool,
    /// Whether they can't sign in any more.
    pub disabled: bool,
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether they have an invitation that is still valid.
    pub invited: bool,
    /// When a session of theirs was last used.
    pub last_seen_at: Option<Millis>,
}

sql::from_row!(StaffRecord {
    id,
    name,
    email,
    support,
    administrator,
    disabled,
    has_password,
    invited,
    last_seen_at as Moment
});

const STAFF_KEY: &str = "lower(person.name)";

fn staff_query(now: Millis) -> Query {
    let mut query = Query::new("SELECT ");
    query.push(STAFF_KEY).push(
        " AS key, person.id, person.name, coalesce(person.email, '') AS email, person.support, person.administrator, \
         person.disabled_at IS NOT NULL AS disabled, person.password_hash IS NOT NULL AS has_password, \
         EXISTS (SELECT 1 FROM one_time_link WHERE purpose = 'invitation' AND person_id = person.id \
         AND expires_at > ",
    );
    query.bind(now);
    query.push(
        ") AS invited, (SELECT max(last_seen_at) FROM session WHERE session.person_id = person.id) AS last_seen_at \
         FROM person WHERE (person.support OR person.administrator \
         OR EXISTS (SELECT 1 FROM manages WHERE manages.person_id = person.id))",
    );
    query
}

/// A page of the staff by name, and the cursor of the next page: everybody who is an administrator, support or a
/// manager, disabled or not.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn staff(db: &Db, cursor: Option<&str>, limit: u32, now: Millis) -> Result<(Vec<StaffRecord>, Option<String>)> {
    const LIST: &str = "staff";
    let mut query = staff_query(now);
    if let Some(text) = cursor {
        let after = Cursor::parse(LIST, text)?;
        let id: PersonId = after.id.parse().map_err(|_| Error::BadCursor)?;
        query.push(" AND (").push(STAFF_KEY).push(", person.id) > (").bind(after.key).push(", ").bind(id).push(")");
    }
    query.push(" ORDER BY key, person.id LIMIT ").bind(i64::from(limit) + 1);
    let (page, next) = query.page(db, "key", limit)?;
    Ok((page, next.map(|next| next.print(LIST))))
}

/// One member of the staff.
pub fn staff_member(db: &Db, id: PersonId, now: Millis) -> Result<Option<StaffRecord>> {
    let mut query = staff_query(now);
    query.push(" AND person.id = ").bind(id);
    query.optional(db)
}

/// Disables a person at `at` and ends their sessions, or with `None` enables them again.
pub fn set_disabled(tx: &Tx, id: PersonId, at: Option<Millis>) -> Result<()> {
    if at.is_some() {
        sessions::end_all_of(tx, id)?;
    }
    sql::execute(tx, "UPDATE person SET disabled_at = ? WHERE id = ?", params![at, id])?;
    Ok(())
}

/// Remembers the app a resident signed in with, as declared (R4).
pub fn set_app(tx: &Tx, id: PersonId, app: &App) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE person SET app_platform = ?, app_version = ? WHERE id = ?",
        params![app.platform.as_ref().map(MaybeKnown::name), app.version, id],
    )?;
    Ok(())
}

/// Makes a person a manager of a property; does nothing if they already are.
pub fn add_manager(tx: &Tx, person_id: PersonId, property_id: PropertyId) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO manages (person_id, property_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        params![person_id, property_id],
    )?;
    Ok(())
}

/// Removes a person as a manager of a property; returns whether they were one. It leaves alone what they issued there:
/// see [`crate::guest_codes::without_right`].
pub fn remove_manager(tx: &Tx, person_id: PersonId, property_id: PropertyId) -> Result<bool> {
    let sql = "DELETE FROM manages WHERE person_id = ? AND property_id = ?";
    Ok(sql::execute(tx, sql, params![person_id, property_id])? > 0)
}

/// The properties a person manages.
pub fn manages(db: &Db, person_id: PersonId) -> Result<Vec<PropertyId>> {
    sql::values(db, "SELECT property_id FROM manages WHERE person_id = ?", [person_id])
}

/// The tenancies that a person has at `now` (R39), the one that began last first.
pub fn current_tenancies(db: &Db, person_id: PersonId, now: Millis) -> Result<Vec<CurrentTenancy>> {
    sql::all_readable(
        db,
        "SELECT id, property_id, unit_id, ends_at, name FROM tenancy WHERE person_id = ?1 AND ended_at IS NULL \
         AND starts_at <= ?2 AND (ends_at IS NULL OR ends_at > ?2) ORDER BY starts_at DESC, id DESC",
        params![person_id, now],
    )
}

/// When time alone changes which tenancies the person has next; `None` if it doesn't.
pub fn next_tenancy_change(db: &Db, person_id: PersonId, now: Millis) -> Result<Option<Millis>> {
    sql::value(
        db,
        "SELECT min(CASE WHEN starts_at > ?2 THEN starts_at ELSE ends_at END) FROM tenancy \
         WHERE person_id = ?1 AND ended_at IS NULL AND (starts_at > ?2 OR ends_at > ?2)",
        params![person_id, now],
    )
}

/// The building that a unit belongs to, if it belongs to one.
pub fn building_of(db: &Db, unit_id: UnitId) -> Result<Option<BuildingId>> {
    Ok(sql::optional_value::<Option<BuildingId>>(db, "SELECT building_id FROM unit WHERE id = ?", [unit_id])?.flatten())
}

/// Whether the person manages a property or is support.
pub fn has_office(db: &Db, id: PersonId) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM manages WHERE person_id = ?1) \
         OR EXISTS (SELECT 1 FROM person WHERE id = ?1 AND support)",
        [id],
    )
}

/// Gives an address to a person who has none, or with `None` takes it away from one who can't sign in (R41).
///
/// # Errors
/// A unique violation when somebody has that address.
pub fn set_email(tx: &Tx, id: PersonId, email: Option<&str>) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE person SET email = ?1 WHERE id = ?2 AND password_hash IS NULL AND (email IS NULL OR ?1 IS NULL)",
        params![email.map(email_key), id],
    )?;
    Ok(())
}

/// Replaces a person's address by another.
///
/// # Errors
/// A unique violation when somebody has that address.
pub fn replace_email(tx: &Tx, id: PersonId, email: &str) -> Result<()> {
    sql::execute(tx, "UPDATE person SET email = ? WHERE id = ?", params![email_key(email), id])?;
    Ok(())
}

/// Changes a person's name.
pub fn rename(tx: &Tx, id: PersonId, name: &str) -> Result<()> {
    sql::execute(tx, "UPDATE person SET name = ? WHERE id = ?", params![name, id])?;
    Ok(())
}

/// Whether the person is a resident of that property and nothing else: not a manager, not support, and in no other
/// property, now or ever. Only then may its managers correct their name.
pub fn is_only_resident_of(db: &Db, id: PersonId, property_id: PropertyId) -> Result<bool> {
    sql::value(
        db,
        "SELECT NOT support AND NOT EXISTS (SELECT 1 FROM manages WHERE person_id = ?1) \
         AND NOT EXISTS (SELECT 1 FROM tenancy WHERE person_id = ?1 AND property_id <> ?2) FROM person WHERE id = ?1",
        params![id, property_id],
    )
}
