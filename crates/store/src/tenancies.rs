//! Tenancies: what makes a person a resident.

use api_types::{CodeOrigin, PlacementStatus};
use ids::{CodeId, PersonId, PropertyId, TenancyId, UnitId};
use rusqlite::params;

use crate::placements::OnLock;
use crate::words::{self, sort_key};
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, Tx, people, sessions, sql};

/// A tenancy with its person, unit and property.
#[derive(Clone, Debug)]
pub struct TenancyRecord {
    /// The tenancy's id: the resident's, in the API.
    pub id: TenancyId,
    /// The property.
    pub property_id: PropertyId,
    /// The unit.
    pub unit_id: UnitId,
    /// The unit's name.
    pub unit: String,
    /// The person.
    pub person_id: PersonId,
    /// The person's name in this property's roster (R39).
    pub name: String,
    /// The person's address; empty if they have none (R41).
    pub email: String,
    /// The version of the resident app they last signed in with.
    pub app_version: Option<String>,
    /// The first day, a local date.
    pub move_in: String,
    /// The last day, a local date.
    pub move_out: Option<String>,
    /// The start of `move_in` in the property's zone.
    pub starts_at: Millis,
    /// The end of `move_out` in the property's zone.
    pub ends_at: Option<Millis>,
    /// When they moved out and everything was revoked.
    pub ended_at: Option<Millis>,
    /// The current code.
    pub code_id: Option<CodeId>,
    /// Whether its codes are off the locks because it isn't current.
    pub codes_held_off: bool,
}

sql::from_row!(TenancyRecord {
    id,
    property_id,
    unit_id,
    unit,
    person_id,
    name,
    email,
    app_version,
    move_in,
    move_out,
    starts_at as Moment,
    ends_at as Moment,
    ended_at as Moment,
    code_id,
    codes_held_off,
});

const SELECT: &str = "SELECT tenancy.id, tenancy.property_id, tenancy.unit_id, unit.name AS unit, tenancy.person_id, \
     tenancy.name, coalesce(person.email, '') AS email, person.app_version, tenancy.move_in, tenancy.move_out, tenancy.starts_at, \
     tenancy.ends_at, tenancy.ended_at, tenancy.code_id, tenancy.codes_held_off \
     FROM tenancy JOIN person ON person.id = tenancy.person_id JOIN unit ON unit.id = tenancy.unit_id WHERE TRUE";

/// One tenancy in scope, ended or not.
pub fn get(db: &Db, scope: Scope, id: TenancyId) -> Result<Option<TenancyRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND tenancy.id = ").bind(id);
    scope.push_for_few(&mut query, "tenancy.property_id", Some("tenancy.id"));
    query.optional(db)
}

/// One tenancy of that property, in scope.
pub fn get_in_property(db: &Db, scope: Scope, property_id: PropertyId, id: TenancyId) -> Result<Option<TenancyRecord>> {
    Ok(get(db, scope, id)?.filter(|tenancy| tenancy.property_id == property_id))
}

/// The person's tenancy of that unit that hasn't ended, whether or not it has begun.
pub fn of_person_in_unit(db: &Db, person_id: PersonId, unit_id: UnitId) -> Result<Option<TenancyRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND tenancy.ended_at IS NULL AND tenancy.person_id = ").bind(person_id);
    query.push(" AND tenancy.unit_id = ").bind(unit_id).push(" LIMIT 1");
    query.optional(db)
}

/// A tenancy as a roster is compared with it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OnRoster {
    /// The tenancy.
    pub id: TenancyId,
    /// The unit.
    pub unit_id: UnitId,
    /// The person.
    pub person_id: PersonId,
    /// The person's name in this roster (R39).
    pub name: String,
    /// The person's address; empty if they have none (R41).
    pub email: String,
    /// The first day, a local date.
    pub move_in: String,
    /// The last day, a local date.
    pub move_out: Option<String>,
    /// The start of `move_in` in the property's zone.
    pub starts_at: Millis,
    /// The end of `move_out` in the property's zone.
    pub ends_at: Option<Millis>,
    /// When they moved out.
    pub ended_at: Option<Millis>,
}

sql::from_row!(OnRoster {
    id,
    unit_id,
    person_id,
    name,
    email,
    move_in,
    move_out,
    starts_at as Moment,
    ends_at as Moment,
    ended_at as Moment
});

/// One tenancy as a roster is compared with it.
pub fn on_roster(db: &Db, id: TenancyId) -> Result<Option<OnRoster>> {
    sql::optional(db, &format!("{ON_ROSTER} WHERE tenancy.id = ?"), [id])
}

const ON_ROSTER: &str = "SELECT tenancy.id, unit_id, person_id, tenancy.name, coalesce(person.email, '') AS email, \
     move_in, move_out, starts_at, ends_at, ended_at FROM tenancy JOIN person ON person.id = tenancy.person_id";

/// Every readable tenancy of a property, over or not, except those that an undone import had added; in the order of their
/// beginning.
pub fn of_roster(db: &Db, property_id: PropertyId) -> Result<Vec<OnRoster>> {
    sql::all_readable(
        db,
        &format!("{ON_ROSTER} WHERE property_id = ? AND NOT undone ORDER BY starts_at, tenancy.id"),
        [property_id],
    )
}

/// Marks a tenancy as one that an undone import had added.
pub fn set_undone(tx: &Tx, id: TenancyId) -> Result<()> {
    sql::execute(tx, "UPDATE tenancy SET undone = 1 WHERE id = ?", [id]).map(|_| ())
}

/// Tenancies whose last day is over and whose codes still have to be revoked, to be handled one by one.
pub fn overdue(db: &Db, now: Millis) -> Result<Vec<TenancyId>> {
    let sql = "SELECT id FROM tenancy WHERE ended_at IS NULL AND ends_at IS NOT NULL AND ends_at <= ? LIMIT 50";
    sql::ids(db, sql, [now])
}

/// Tenancies that have begun and have no code yet, to be handled one by one.
pub fn without_code(db: &Db, now: Millis) -> Result<Vec<TenancyId>> {
    let sql = "SELECT tenancy.id FROM tenancy JOIN person ON person.id = tenancy.person_id WHERE ended_at IS NULL \
         AND code_id IS NULL AND starts_at <= ? AND person.disabled_at IS NULL ORDER BY starts_at, tenancy.id LIMIT 50";
    sql::ids(db, sql, [now])
}

/// Tenancies whose codes are on the locks though they haven't begun, and those that have begun and whose codes aren't.
pub fn out_of_step(db: &Db, now: Millis) -> Result<Vec<TenancyId>> {
    let ahead = "SELECT id FROM tenancy WHERE ended_at IS NULL AND code_id IS NOT NULL AND NOT codes_held_off \
                 AND starts_at > ? LIMIT 50";
    let begun = "SELECT tenancy.id FROM tenancy JOIN person ON person.id = tenancy.person_id WHERE codes_held_off \
                 AND starts_at <= ? AND ended_at IS NULL AND person.disabled_at IS NULL LIMIT 50";
    let mut found = sql::values(db, ahead, [now])?;
    found.extend(sql::values::<TenancyId>(db, begun, [now])?);
    Ok(found)
}

/// Whether it hasn't begun yet.
pub fn is_upcoming(db: &Db, id: TenancyId, now: Millis) -> Result<bool> {
    sql::value(db, "SELECT EXISTS (SELECT 1 FROM tenancy WHERE id = ? AND starts_at > ?)", params![id, now])
}

/// Notes whether a tenancy's codes are kept off the locks until it is current.
pub fn set_codes_held_off(tx: &Tx, id: TenancyId, held_off: bool) -> Result<()> {
    sql::execute(tx, "UPDATE tenancy SET codes_held_off = ? WHERE id = ?", params![held_off, id]).map(|_| ())
}

/// The tenancies of a unit that have a code and haven't ended.
pub fn with_code_in_unit(db: &Db, unit_id: UnitId) -> Result<Vec<TenancyId>> {
    let sql = "SELECT id FROM tenancy WHERE unit_id = ? AND ended_at IS NULL AND code_id IS NOT NULL";
    sql::ids(db, sql, [unit_id])
}

/// A person's tenancies that haven't ended, whether or not they have begun.
pub fn not_ended_of_person(db: &Db, person_id: PersonId) -> Result<Vec<TenancyId>> {
    sql::values(db, "SELECT id FROM tenancy WHERE person_id = ? AND ended_at IS NULL", [person_id])
}

/// Tenancies of disabled people whose codes are still on the locks.
pub fn of_disabled_people(db: &Db) -> Result<Vec<TenancyId>> {
    sql::values(
        db,
        "SELECT tenancy.id FROM person JOIN tenancy ON tenancy.person_id = person.id \
         WHERE person.disabled_at IS NOT NULL AND tenancy.ended_at IS NULL AND tenancy.code_id IS NOT NULL \
         AND NOT tenancy.codes_held_off LIMIT 500",
        [],
    )
}

/// When a tenancy next ends, or one next begins that has no code or whose code is off the locks.
pub fn next_change(db: &Db) -> Result<Option<Millis>> {
    sql::value(
        db,
        "SELECT min(at) FROM (SELECT min(ends_at) AS at FROM tenancy WHERE ended_at IS NULL AND ends_at IS NOT NULL \
         UNION ALL SELECT min(starts_at) FROM tenancy JOIN person ON person.id = tenancy.person_id \
             WHERE ended_at IS NULL AND code_id IS NULL AND person.disabled_at IS NULL \
         UNION ALL SELECT min(starts_at) FROM tenancy JOIN person ON person.id = tenancy.person_id \
             WHERE codes_held_off AND ended_at IS NULL AND person.disabled_at IS NULL)",
        [],
    )
}

/// A tenancy to be stored.
pub struct NewTenancy<'a> {
    /// The property.
    pub property_id: PropertyId,
    /// The unit.
    pub unit_id: UnitId,
    /// The unit's name.
    pub unit: &'a str,
    /// The person.
    pub person_id: PersonId,
    /// The person's name in this property's roster (R39).
    pub name: &'a str,
    /// When.
    pub dates: Dates<'a>,
}

/// A tenancy's local dates and the corresponding instants in the property's zone.
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
pub fn insert(tx: &Tx, new: &NewTenancy<'_>) -> Result<TenancyId> {
    let id = TenancyId::generate();
    sql::execute(
        tx,
        "INSERT INTO tenancy (id, property_id, unit_id, person_id, move_in, move_out, starts_at, ends_at, name, \
         name_key, name_text, unit_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            id,
            new.property_id,
            new.unit_id,
            new.person_id,
            new.dates.move_in,
            new.dates.move_out,
            new.dates.starts_at,
            new.dates.ends_at,
            new.name,
            sort_key(new.name),
            words::of_tenancy(new.name, new.unit),
            sort_key(new.unit)
        ],
    )?;
    Ok(id)
}

/// Changes a tenancy's dates.
pub fn set_dates(tx: &Tx, id: TenancyId, dates: Dates<'_>) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE tenancy SET move_in = ?, move_out = ?, starts_at = ?, ends_at = ? WHERE id = ?",
        params![dates.move_in, dates.move_out, dates.starts_at, dates.ends_at, id],
    )?;
    Ok(())
}

/// Changes the name that its roster has for a tenancy's person.
pub fn rename(tx: &Tx, id: TenancyId, name: &str, unit: &str) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE tenancy SET name = ?, name_key = ?, name_text = ? WHERE id = ?",
        params![name, sort_key(name), words::of_tenancy(name, unit), id],
    )?;
    Ok(())
}

/// Makes a code the tenancy's current one.
pub fn set_code(tx: &Tx, id: TenancyId, code_id: CodeId, origin: CodeOrigin, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE tenancy SET code_id = ?1, code_origin = ?2, code_changed_at = ?3, \
         code_status = (SELECT status FROM code WHERE id = ?1) WHERE id = ?4",
        params![code_id, origin.name(), now, id],
    )?;
    Ok(())
}

/// Marks a tenancy as over. The person's sessions and tokens end where it was all they had; tokens also where what is left
/// is an office (R39).
pub fn end(tx: &Tx, id: TenancyId, now: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE tenancy SET ended_at = ? WHERE id = ? AND ended_at IS NULL", params![now, id])?;
    let person: Option<PersonId> = sql::optional_value(tx, "SELECT person_id FROM tenancy WHERE id = ?", [id])?;
    let Some(person) = person else { return Ok(()) };
    if people::current_tenancies(tx, person, now)?.is_empty() {
        if people::has_office(tx, person)? {
            sessions::end_tokens_of(tx, person)?;
        } else {
            sessions::end_all_of(tx, person)?;
        }
    }
    Ok(())
}

/// What the residents list sorts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// By unit, in natural order.
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

/// Where a tenancy is in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It hasn't ended, whether or not it has begun.
    #[default]
    NotEnded,
    /// It has begun by then and hasn't ended.
    Current(Millis),
    /// It begins after then.
    Upcoming(Millis),
    /// It has ended: everything of it was revoked.
    Ended,
}

/// What to look for among the residents. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Parts of the name, the unit and the address, in any order; case and accents don't matter (R42).
    pub text: Option<String>,
    /// The unit's name.
    pub unit: Option<String>,
    /// How their code came to be.
    pub origin: Option<CodeOrigin>,
    /// The code's status.
    pub status: Option<PlacementStatus>,
    /// What a placement of one of their own codes is like, past codes included.
    pub on_lock: OnLock,
    /// Whose tenancy, by where it is in time.
    pub stage: Stage,
    /// The version of the person's app as last seen, among these; `None` among them for people without the app.
    pub app_versions: Option<Vec<Option<String>>>,
    /// The order.
    pub sort: Sort,
    /// In reverse order.
    pub descending: bool,
}

/// A page of a property's readable residents, future ones included, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list(
    db: &Db,
    scope: Scope,
    property_id: PropertyId,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<TenancyRecord>, Option<String>)> {
    let of = format!("residents {:?} {}", filter.sort, filter.descending);
    let after = cursor
        .map(|text| {
            let cursor = Cursor::parse(&of, text)?;
            Ok::<_, Error>((cursor.key, cursor.id.parse::<TenancyId>().map_err(|_| Error::BadCursor)?))
        })
        .transpose()?;
    let query = list_query(scope, property_id, filter, after, i64::from(limit) + 1)?;
    let (page, next) = query.page(db, "sort_key", limit)?;
    Ok((page, next.map(|next| next.print(&of))))
}

/// The query behind [`list`], also used by the query-plan test.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list_query(
    scope: Scope,
    property_id: PropertyId,
    filter: &Filter,
    after: Option<(String, TenancyId)>,
    limit: i64,
) -> Result<Query> {
    let column = filter.sort.column();
    let mut query = Query::new("SELECT CAST(coalesce(");
    query.push(column).push(", 0) AS TEXT) AS sort_key, ").push(SELECT.trim_start_matches("SELECT "));
    match filter.stage {
        Stage::NotEnded => query.push(" AND tenancy.ended_at IS NULL"),
        Stage::Current(now) => query.push(" AND tenancy.ended_at IS NULL AND tenancy.starts_at <= ").bind(now),
        Stage::Upcoming(now) => query.push(" AND tenancy.ended_at IS NULL AND tenancy.starts_at > ").bind(now),
        Stage::Ended => query.push(" AND tenancy.ended_at IS NOT NULL"),
    };
    query.push(" AND tenancy.property_id = ").bind(property_id);
    scope.push(&mut query, "tenancy.property_id", None);
    if let Some(text) = &filter.text {
        words::push_wanted(&mut query, text, "tenancy.name_text", "person.email");
    }
    if let Some(unit) = &filter.unit {
        query.push(" AND unit.name = ").bind(unit);
    }
    if let Some(origin) = filter.origin {
        query.push(" AND tenancy.code_origin = ").bind(origin.name());
    }
    if let Some(status) = filter.status {
        query.push(" AND tenancy.code_status = ").bind(status.name());
    }
    if let Some(versions) = &filter.app_versions {
        query.push(" AND (person.app_version IN (").bind_list(versions.iter().flatten()).push(")");
        let without = if versions.contains(&None) { " OR person.app_version IS NULL)" } else { ")" };
        query.push(without);
    }
    if filter.on_lock.is_any() {
        query.push(
            " AND EXISTS (SELECT 1 FROM code JOIN placement ON placement.code_id = code.id \
             WHERE code.tenancy_id = tenancy.id AND code.holder = 'resident'",
        );
        filter.on_lock.push(&mut query);
        query.push(")");
    }
    if filter.sort == Sort::Changed {
        query.push(" AND tenancy.code_changed_at IS NOT NULL");
    }
    if let Some((key, id)) = after {
        let than = if filter.descending { " < (" } else { " > (" };
        query.push(" AND (").push(column).push(", tenancy.id)").push(than);
        if filter.sort == Sort::Changed {
            query.bind(key.parse::<Millis>().map_err(|_| Error::BadCursor)?);
        } else {
            query.bind(key);
        }
        query.push(", ").bind(id).push(")");
    }
    let order = if filter.descending { " DESC" } else { "" };
    query.push(" ORDER BY ").push(column).push(order).push(", tenancy.id").push(order);
    query.push(" LIMIT ").bind(limit);
    Ok(query)
}

/// The versions of the app that people of a property's tenancies, past ones included, were last seen with; `None` is among
/// them if somebody never signed in to it.
pub fn app_versions(db: &Db, property_id: PropertyId) -> Result<Vec<Option<String>>> {
    sql::values(
        db,
        "SELECT person.app_version FROM tenancy JOIN person ON person.id = tenancy.person_id \
         WHERE tenancy.property_id = ?1 AND tenancy.ended_at IS NULL UNION \
         SELECT person.app_version FROM tenancy JOIN person ON person.id = tenancy.person_id \
         WHERE tenancy.property_id = ?1 AND tenancy.ended_at IS NOT NULL",
        [property_id],
    )
}

/// A resident who can't sign in yet.
#[derive(Clone, Debug)]
pub struct Invitable {
    /// The tenancy.
    pub id: TenancyId,
    /// The person's name in this roster.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// The person's address; empty if they have none (R41).
    pub email: String,
    /// When the invitation that they have ends.
    pub invited_until: Option<Millis>,
}

sql::from_row!(Invitable { id, name, unit, email, invited_until });

/// A page of a property's residents who can't sign in yet and whose tenancy hasn't ended, by unit, and the cursor of the next
/// page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn invitable(
    db: &Db,
    property_id: PropertyId,
    now: Millis,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<Invitable>, Option<String>)> {
    const LIST: &str = "invitable";
    let after = cursor
        .map(|text| {
            let cursor = Cursor::parse(LIST, text)?;
            Ok::<_, Error>((cursor.key, cursor.id.parse::<TenancyId>().map_err(|_| Error::BadCursor)?))
        })
        .transpose()?;
    let (page, next) = invitable_query(property_id, now, after, i64::from(limit) + 1).page(db, "sort_key", limit)?;
    Ok((page, next.map(|next| next.print(LIST))))
}

/// The query behind [`invitable`], also used by the query-plan test.
pub fn invitable_query(property_id: PropertyId, now: Millis, after: Option<(String, TenancyId)>, limit: i64) -> Query {
    let mut query = Query::new(
        "SELECT tenancy.unit_key AS sort_key, tenancy.id, tenancy.name, unit.name AS unit, coalesce(person.email, '') AS email, \
         (SELECT max(expires_at) FROM one_time_link WHERE purpose = 'invitation' \
         AND coalesce(person_id, '') = person.id AND expires_at > ",
    );
    query.bind(now).push(
        ") AS invited_until FROM tenancy JOIN person ON person.id = tenancy.person_id \
         JOIN unit ON unit.id = tenancy.unit_id WHERE tenancy.ended_at IS NULL AND person.password_hash IS NULL \
         AND person.disabled_at IS NULL AND tenancy.property_id = ",
    );
    query.bind(property_id);
    if let Some((key, id)) = after {
        query.push(" AND (tenancy.unit_key, tenancy.id) > (").bind(key).push(", ").bind(id).push(")");
    }
    query.push(" ORDER BY tenancy.unit_key, tenancy.id LIMIT ").bind(limit);
    query
}

/// A tenancy found by a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The tenancy.
    pub id: TenancyId,
    /// The person's name.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// The property's name.
    pub property: String,
}

sql::from_row!(Found { id, name, unit, property });

/// Tenancies of any property, by parts of the name, the unit and the address in any order, sorted by name. For support.
pub fn search(db: &Db, text: &str, limit: i64) -> Result<Vec<Found>> {
    search_query(text, limit).all_readable(db)
}

/// The query behind [`search`], also used by the query-plan test.
pub fn search_query(text: &str, limit: i64) -> Query {
    let mut query = Query::new(
        "SELECT tenancy.id, tenancy.name, unit.name AS unit, property.name AS property \
         FROM tenancy JOIN person ON person.id = tenancy.person_id JOIN unit ON unit.id = tenancy.unit_id \
         JOIN property ON property.id = tenancy.property_id \
         WHERE tenancy.ended_at IS NULL AND tenancy.code_id IS NOT NULL",
    );
    words::push_wanted(&mut query, text, "tenancy.name_text", "person.email");
    query.push(" ORDER BY tenancy.name_key, tenancy.id LIMIT ").bind(limit);
    query
}
