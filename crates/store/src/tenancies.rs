//! Tenancies: what makes a person a resident.

use api_types::{CodeOrigin, PlacementStatus};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::doors::sort_key;
use crate::names::Name;
use crate::{Cursor, Db, Error, Millis, Result, Scope, Tx};

/// A tenancy with its person, unit and property.
#[derive(Clone, Debug, FromRow)]
pub struct TenancyRecord {
    /// The tenancy's id: the resident's, in the API.
    pub id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// The unit's name.
    pub unit: String,
    /// The person.
    pub person_id: Uuid,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The resident app last signed in with.
    pub app_version: Option<String>,
    /// Local date.
    pub move_in: String,
    /// Local date; the last day.
    pub move_out: Option<String>,
    /// The start of `move_in` in the property's zone.
    pub starts_at: Millis,
    /// The end of `move_out` in the property's zone.
    pub ends_at: Option<Millis>,
    /// Moved out: everything revoked.
    pub ended_at: Option<Millis>,
    /// The current code.
    pub code_id: Option<Uuid>,
}

const SELECT: &str = "SELECT tenancy.id, tenancy.property_id, tenancy.unit_id, unit.name AS unit, tenancy.person_id, \
     person.name, person.email, person.app_version, tenancy.move_in, tenancy.move_out, tenancy.starts_at, \
     tenancy.ends_at, tenancy.ended_at, tenancy.code_id \
     FROM tenancy JOIN person ON person.id = tenancy.person_id JOIN unit ON unit.id = tenancy.unit_id WHERE TRUE";

/// One tenancy in scope, ended or not.
pub async fn get(db: &mut Db, scope: Scope, id: Uuid) -> Result<Option<TenancyRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND tenancy.id = ").push_bind(id);
    scope.push(&mut query, "tenancy.property_id", Some("tenancy.id"));
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// One tenancy of that property, in scope.
pub async fn get_in_property(db: &mut Db, scope: Scope, property_id: Uuid, id: Uuid) -> Result<Option<TenancyRecord>> {
    Ok(get(db, scope, id).await?.filter(|tenancy| tenancy.property_id == property_id))
}

/// The person's tenancy at `now`, the newest where there are several.
pub async fn current_of(db: &mut Db, person_id: Uuid, now: Millis) -> Result<Option<TenancyRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND tenancy.ended_at IS NULL AND tenancy.person_id = ").push_bind(person_id);
    query.push(" AND tenancy.starts_at <= ").push_bind(now);
    query.push(" AND (tenancy.ends_at IS NULL OR tenancy.ends_at > ").push_bind(now);
    query.push(") ORDER BY tenancy.starts_at DESC LIMIT 1");
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// The person's tenancy of that unit which hasn't ended, begun or not.
pub async fn of_person_in_unit(db: &mut Db, person_id: Uuid, unit_id: Uuid) -> Result<Option<TenancyRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND tenancy.ended_at IS NULL AND tenancy.person_id = ").push_bind(person_id);
    query.push(" AND tenancy.unit_id = ").push_bind(unit_id).push(" LIMIT 1");
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// Tenancies whose last day is over and whose codes still have to be revoked.
pub async fn overdue(db: &mut Db, now: Millis) -> Result<Vec<TenancyRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND tenancy.ended_at IS NULL AND tenancy.ends_at IS NOT NULL AND tenancy.ends_at <= ").push_bind(now);
    query.push(" LIMIT 50");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// Tenancies that have begun and have no code yet.
pub async fn without_code(db: &mut Db, now: Millis) -> Result<Vec<TenancyRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND tenancy.ended_at IS NULL AND tenancy.code_id IS NULL AND tenancy.starts_at <= ").push_bind(now);
    query.push(" ORDER BY tenancy.starts_at, tenancy.id LIMIT 50");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// When a tenancy ends or one without a code begins next.
pub async fn next_change(db: &mut Db) -> Result<Option<Millis>> {
    Ok(sqlx::query_scalar(
        "SELECT min(at) FROM (SELECT min(ends_at) AS at FROM tenancy WHERE ended_at IS NULL AND ends_at IS NOT NULL \
         UNION ALL SELECT min(starts_at) FROM tenancy WHERE ended_at IS NULL AND code_id IS NULL)",
    )
    .fetch_one(db)
    .await?)
}

/// A tenancy to be stored.
pub struct NewTenancy<'a> {
    /// The property.
    pub property_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// The unit's name.
    pub unit: &'a str,
    /// The person.
    pub person_id: Uuid,
    /// The person's name.
    pub name: &'a str,
    /// When.
    pub dates: Dates<'a>,
}

/// The local dates of a tenancy and the instants they stand for in the property's zone.
#[derive(Clone, Copy, Debug)]
pub struct Dates<'a> {
    /// The first day.
    pub move_in: &'a str,
    /// The last day.
    pub move_out: Option<&'a str>,
    /// Its first instant.
    pub starts_at: Millis,
    /// The first instant after it.
    pub ends_at: Option<Millis>,
}

/// Adds a tenancy, without a code yet.
pub async fn insert(tx: &mut Tx, new: &NewTenancy<'_>) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO tenancy (id, property_id, unit_id, person_id, move_in, move_out, starts_at, ends_at, name_key, \
         name_text, unit_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(new.property_id)
    .bind(new.unit_id)
    .bind(new.person_id)
    .bind(new.dates.move_in)
    .bind(new.dates.move_out)
    .bind(new.dates.starts_at)
    .bind(new.dates.ends_at)
    .bind(sort_key(new.name))
    .bind(new.name.to_lowercase())
    .bind(sort_key(new.unit))
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Changes a tenancy's dates.
pub async fn set_dates(tx: &mut Tx, id: Uuid, dates: Dates<'_>) -> Result<()> {
    sqlx::query("UPDATE tenancy SET move_in = ?, move_out = ?, starts_at = ?, ends_at = ? WHERE id = ?")
        .bind(dates.move_in)
        .bind(dates.move_out)
        .bind(dates.starts_at)
        .bind(dates.ends_at)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps the residents list in the order of a person's new name.
pub async fn rename_person(tx: &mut Tx, person_id: Uuid, name: &str) -> Result<()> {
    sqlx::query("UPDATE tenancy SET name_key = ?, name_text = ? WHERE person_id = ?")
        .bind(sort_key(name))
        .bind(name.to_lowercase())
        .bind(person_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Makes a code the tenancy's current one.
pub async fn set_code(tx: &mut Tx, id: Uuid, code_id: Uuid, origin: CodeOrigin, now: Millis) -> Result<()> {
    sqlx::query(
        "UPDATE tenancy SET code_id = ?1, code_origin = ?2, code_changed_at = ?3, \
         code_status = (SELECT status FROM code WHERE id = ?1) WHERE id = ?4",
    )
    .bind(code_id)
    .bind(origin.name())
    .bind(now)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks a tenancy as over and ends the person's sessions and tokens with it, for they may have been signed in as a
/// resident. Whoever is something else too signs in again.
pub async fn end(tx: &mut Tx, id: Uuid, now: Millis) -> Result<()> {
    let person: Option<Uuid> =
        sqlx::query_scalar("SELECT person_id FROM tenancy WHERE id = ?").bind(id).fetch_optional(&mut **tx).await?;
    if let Some(person) = person {
        crate::sessions::end_all_of(tx, person).await?;
    }
    sqlx::query("UPDATE tenancy SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
        .bind(now)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What the residents list sorts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// By unit, as people count.
    Unit,
    /// By when the code changed.
    Changed,
}

impl Sort {
    fn column(self) -> &'static str {
        match self {
            Self::Name => "tenancy.name_key",
            Self::Unit => "tenancy.unit_key",
            Self::Changed => "tenancy.code_changed_at",
        }
    }
}

/// What to look for among the residents. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name, the unit or the address; letter case doesn't matter.
    pub text: Option<String>,
    /// The unit's name.
    pub unit: Option<String>,
    /// How their code came to be.
    pub origin: Option<CodeOrigin>,
    /// The code's status.
    pub status: Option<PlacementStatus>,
    /// The order.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
}

#[derive(FromRow)]
struct ListRow {
    #[sqlx(flatten)]
    tenancy: TenancyRecord,
    sort_key: String,
}

/// A page of a property's residents, those to come included, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub async fn list(
    db: &mut Db,
    scope: Scope,
    property_id: Uuid,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<TenancyRecord>, Option<String>)> {
    let of = format!("residents {:?} {}", filter.sort, filter.descending);
    let after = cursor
        .map(|text| {
            let cursor = Cursor::parse(&of, text)?;
            Ok::<_, Error>((cursor.key, cursor.id.parse::<Uuid>().map_err(|_| Error::BadCursor)?))
        })
        .transpose()?;
    let mut rows: Vec<ListRow> =
        list_query(scope, property_id, filter, after, i64::from(limit) + 1)?.build_query_as().fetch_all(db).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = more
        .then(|| rows.last().map(|row| Cursor { key: row.sort_key.clone(), id: row.tenancy.id.to_string() }.print(&of)))
        .flatten();
    Ok((rows.into_iter().map(|row| row.tenancy).collect(), next))
}

/// The query of [`list`]; also read by the test of query plans.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list_query(
    scope: Scope,
    property_id: Uuid,
    filter: &Filter,
    after: Option<(String, Uuid)>,
    limit: i64,
) -> Result<QueryBuilder<Sqlite>> {
    let column = filter.sort.column();
    let mut query = QueryBuilder::new("SELECT CAST(coalesce(");
    query.push(column).push(", 0) AS TEXT) AS sort_key, ").push(SELECT.trim_start_matches("SELECT "));
    query.push(" AND tenancy.ended_at IS NULL AND tenancy.property_id = ").push_bind(property_id);
    scope.push(&mut query, "tenancy.property_id", None);
    if let Some(text) = &filter.text {
        push_words(&mut query, text);
    }
    if let Some(unit) = &filter.unit {
        query.push(" AND unit.name = ").push_bind(unit.clone());
    }
    if let Some(origin) = filter.origin {
        query.push(" AND tenancy.code_origin = ").push_bind(origin.name());
    }
    if let Some(status) = filter.status {
        query.push(" AND tenancy.code_status = ").push_bind(status.name());
    }
    if filter.sort == Sort::Changed {
        query.push(" AND tenancy.code_changed_at IS NOT NULL");
    }
    if let Some((key, id)) = after {
        let than = if filter.descending { " < (" } else { " > (" };
        query.push(" AND (").push(column).push(", tenancy.id)").push(than);
        if filter.sort == Sort::Changed {
            query.push_bind(key.parse::<Millis>().map_err(|_| Error::BadCursor)?);
        } else {
            query.push_bind(key);
        }
        query.push(", ").push_bind(id).push(")");
    }
    let order = if filter.descending { " DESC" } else { "" };
    query.push(" ORDER BY ").push(column).push(order).push(", tenancy.id").push(order);
    query.push(" LIMIT ").push_bind(limit);
    Ok(query)
}

/// A tenancy that was searched for.
#[derive(Clone, Debug, FromRow)]
pub struct Found {
    /// The tenancy.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// The property's name.
    pub property: String,
}

/// Tenancies of any property, by part of the name, the unit or the address, in the order of names. For support.
pub async fn search(db: &mut Db, words: &str, limit: i64) -> Result<Vec<Found>> {
    Ok(search_query(words, limit).build_query_as().fetch_all(db).await?)
}

/// The query of [`search`]; also read by the test of query plans.
pub fn search_query(words: &str, limit: i64) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(
        "SELECT tenancy.id, person.name, unit.name AS unit, property.name AS property \
         FROM tenancy JOIN person ON person.id = tenancy.person_id JOIN unit ON unit.id = tenancy.unit_id \
         JOIN property ON property.id = tenancy.property_id \
         WHERE tenancy.ended_at IS NULL AND tenancy.code_id IS NOT NULL",
    );
    push_words(&mut query, words);
    query.push(" ORDER BY tenancy.name_key, tenancy.id LIMIT ").push_bind(limit);
    query
}

/// Restricts a query of tenancies to those with the words in their name, unit or address.
fn push_words(query: &mut QueryBuilder<Sqlite>, words: &str) {
    let pattern = format!("%{}%", words.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    query.push(" AND (person.email LIKE ").push_bind(pattern.clone()).push(" ESCAPE '\\' OR unit.name LIKE ");
    query.push_bind(pattern.clone()).push(" ESCAPE '\\' OR tenancy.name_text LIKE ").push_bind(pattern);
    query.push(" ESCAPE '\\')");
}
