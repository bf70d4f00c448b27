//! People: who may sign in, and as what.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{Db, Millis, Result, Tx};

/// Somebody who can be known to Latchkey. No `Debug`: it holds a password's hash.
#[derive(Clone, FromRow)]
pub struct Person {
    /// The person's id.
    pub id: Uuid,
    /// Lower case.
    pub email: String,
    /// As shown to others.
    pub name: String,
    /// Argon2id in PHC form; absent: can't sign in yet.
    pub password_hash: Option<String>,
    /// May read everything of every property.
    pub support: bool,
    /// Since when the person may not sign in.
    pub disabled_at: Option<Millis>,
    /// `ios` or `android`: the resident app last signed in with.
    pub app_platform: Option<String>,
    /// Its version as declared, which may be malformed (R4).
    pub app_version: Option<String>,
}

const PERSON: &str =
    "SELECT id, email, name, password_hash, support, disabled_at, app_platform, app_version FROM person";

/// A person to be added.
pub struct NewPerson<'a> {
    /// The person's id.
    pub id: Uuid,
    /// Stored as [`email_key`] makes it.
    pub email: &'a str,
    /// As shown to others.
    pub name: &'a str,
    /// Argon2id in PHC form.
    pub password_hash: Option<&'a str>,
    /// May read everything of every property.
    pub support: bool,
}

/// The tenancy that makes a person a resident now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct CurrentTenancy {
    /// What the API calls a resident.
    pub id: Uuid,
    /// The property it is in.
    pub property_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// When it ends, if that is known.
    pub ends_at: Option<Millis>,
}

/// An email address as it is stored and looked up: without blanks around it, in lower case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The person with that address, in any letter case.
pub async fn by_email(db: &mut Db, email: &str) -> Result<Option<Person>> {
    let query = format!("{PERSON} WHERE email = ?");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(email_key(email)).fetch_optional(db).await?)
}

/// The person of that id.
pub async fn by_id(db: &mut Db, id: Uuid) -> Result<Option<Person>> {
    let query = format!("{PERSON} WHERE id = ?");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(id).fetch_optional(db).await?)
}

/// Adds a person.
///
/// # Errors
/// A unique violation ([`crate::Error::is_unique_violation`]) when somebody has that address.
pub async fn insert(tx: &mut Tx, now: Millis, person: &NewPerson<'_>) -> Result<()> {
    sqlx::query("INSERT INTO person (id, email, name, password_hash, support, created_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(person.id)
        .bind(email_key(person.email))
        .bind(person.name)
        .bind(person.password_hash)
        .bind(person.support)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives a person another password. Their sessions are another matter: see [`crate::sessions::end_all_of`].
pub async fn set_password_hash(tx: &mut Tx, id: Uuid, password_hash: &str) -> Result<()> {
    sqlx::query("UPDATE person SET password_hash = ? WHERE id = ?")
        .bind(password_hash)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Makes a person support, or no longer.
pub async fn set_support(tx: &mut Tx, id: Uuid, support: bool) -> Result<()> {
    sqlx::query("UPDATE person SET support = ? WHERE id = ?").bind(support).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Disables a person at `at` and ends their sessions, or with `None` enables them again.
pub async fn set_disabled(tx: &mut Tx, id: Uuid, at: Option<Millis>) -> Result<()> {
    if at.is_some() {
        crate::sessions::end_all_of(tx, id).await?;
    }
    sqlx::query("UPDATE person SET disabled_at = ? WHERE id = ?").bind(at).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Remembers the app a resident signed in with, as declared (R4).
pub async fn set_app(tx: &mut Tx, id: Uuid, platform: &str, app_version: Option<&str>) -> Result<()> {
    sqlx::query("UPDATE person SET app_platform = ?, app_version = ? WHERE id = ?")
        .bind(platform)
        .bind(app_version)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Makes a person manager of a property; nothing changes if they are.
pub async fn add_manager(tx: &mut Tx, person_id: Uuid, property_id: Uuid) -> Result<()> {
    sqlx::query("INSERT INTO manages (person_id, property_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(person_id)
        .bind(property_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The properties a person manages.
pub async fn manages(db: &mut Db, person_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar("SELECT property_id FROM manages WHERE person_id = ?").bind(person_id).fetch_all(db).await?)
}

/// The tenancy a person lives under at `now`; of several, the one that began last.
pub async fn current_tenancy(db: &mut Db, person_id: Uuid, now: Millis) -> Result<Option<CurrentTenancy>> {
    Ok(sqlx::query_as(
        "SELECT id, property_id, unit_id, ends_at FROM tenancy WHERE person_id = ?1 AND ended_at IS NULL \
         AND starts_at <= ?2 AND (ends_at IS NULL OR ends_at > ?2) ORDER BY starts_at DESC, id DESC LIMIT 1",
    )
    .bind(person_id)
    .bind(now)
    .fetch_optional(db)
    .await?)
}

/// Changes a person's name.
pub async fn rename(tx: &mut Tx, id: Uuid, name: &str) -> Result<()> {
    sqlx::query("UPDATE person SET name = ? WHERE id = ?").bind(name).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Is the person a resident of that property and nothing else: no manager, not support, in no other property, now or
/// ever? Only then may its managers correct their name.
pub async fn belongs_only_to(db: &mut Db, id: Uuid, property_id: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT NOT support AND NOT EXISTS (SELECT 1 FROM manages WHERE person_id = ?1) \
         AND NOT EXISTS (SELECT 1 FROM tenancy WHERE person_id = ?1 AND property_id <> ?2) FROM person WHERE id = ?1",
    )
    .bind(id)
    .bind(property_id)
    .fetch_one(db)
    .await?)
}
