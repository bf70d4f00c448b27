//! Properties, their custom-code switch, and their counts.

use api_types::PlacementStatus;
use ids::{PersonId, PropertyId};
use rusqlite::params;

use crate::words::sort_key;
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, Tx, sql};

/// A property without its counts.
#[derive(Clone, Debug)]
pub struct PropertyRecord {
    /// The property's id.
    pub id: PropertyId,
    /// The name people know it by.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// R3.
    pub custom_codes_enabled: bool,
    /// When that was last switched.
    pub custom_codes_changed_at: Option<Millis>,
    /// Who switched it.
    pub custom_codes_changed_by: Option<PersonId>,
    /// Their name.
    pub custom_codes_changed_by_name: Option<String>,
    /// R20.
    pub delivery_opens_unit_doors: bool,
    /// How many guest codes that are scheduled or live the residents of a unit may have.
    pub guest_codes_per_unit: u32,
    /// How long before a window begins a guest code may be sent to locks, in minutes (R44).
    pub guest_code_lead_minutes: u32,
    /// Whom residents and their guests write to.
    pub support_email: Option<String>,
    /// Whom they call.
    pub support_phone: Option<String>,
    /// When its managers are mailed what needs attention, in minutes after midnight there; `None` for never.
    pub summary_at: Option<u16>,
    /// The language of letters and sheets to people who have chosen none.
    pub language: Option<String>,
    /// The `ETag`: incremented with every edit.
    pub version: i64,
}

sql::from_row!(PropertyRecord {
    id,
    name,
    time_zone,
    custom_codes_enabled,
    custom_codes_changed_at as Moment,
    custom_codes_changed_by,
    custom_codes_changed_by_name,
    delivery_opens_unit_doors,
    guest_codes_per_unit,
    guest_code_lead_minutes,
    support_email,
    support_phone,
    summary_at,
    language,
    version,
});

const SELECT: &str = "SELECT property.id, property.name, property.time_zone, property.custom_codes_enabled, \
     property.custom_codes_changed_at, property.custom_codes_changed_by, \
     person.name AS custom_codes_changed_by_name, property.delivery_opens_unit_doors, property.guest_codes_per_unit, \
     property.guest_code_lead_minutes, property.support_email, property.support_phone, property.summary_at, property.language, property.version, \
     property.sort_key FROM property LEFT JOIN person ON person.id = property.custom_codes_changed_by WHERE TRUE";

const LIST: &str = "properties";

/// A page of the readable properties in scope, by name, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list(db: &Db, scope: Scope, cursor: Option<&str>, limit: u32) -> Result<(Vec<PropertyRecord>, Option<String>)> {
    let after = cursor
        .map(|text| {
            let cursor = Cursor::parse(LIST, text)?;
            Ok::<_, Error>((cursor.key, cursor.id.parse::<PropertyId>().map_err(|_| Error::BadCursor)?))
        })
        .transpose()?;
    let (page, next) = list_query(scope, after, i64::from(limit) + 1).page(db, "sort_key", limit)?;
    Ok((page, next.map(|next| next.print(LIST))))
}

/// The query behind [`list`], also used by the query-plan test.
pub fn list_query(scope: Scope, after: Option<(String, PropertyId)>, limit: i64) -> Query {
    let mut query = Query::new(SELECT);
    scope.push(&mut query, "property.id", None);
    if let Some((key, id)) = after {
        query.push(" AND (property.sort_key, property.id) > (").bind(key).push(", ").bind(id).push(")");
    }
    query.push(" ORDER BY property.sort_key, property.id LIMIT ").bind(limit);
    query
}

/// One property in scope.
pub fn get(db: &Db, scope: Scope, id: PropertyId) -> Result<Option<PropertyRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND property.id = ").bind(id);
    scope.push_for_few(&mut query, "property.id", None);
    query.optional(db)
}

/// Whether a property has that name, in any letter case; `except` doesn't count.
pub fn is_named(db: &Db, name: &str, except: Option<PropertyId>) -> Result<bool> {
    let names: Vec<String> = sql::values(db, "SELECT name FROM property WHERE id IS NOT ?", [except])?;
    Ok(names.iter().any(|other| other.to_lowercase() == name.to_lowercase()))
}

/// Gives it another name. Events keep the one they were recorded with.
pub fn rename(tx: &Tx, id: PropertyId, name: &str) -> Result<()> {
    let sql = "UPDATE property SET name = ?, sort_key = ?, version = version + 1 WHERE id = ?";
    sql::execute(tx, sql, params![name, sort_key(name), id])?;
    Ok(())
}

/// Sets how many guest codes a unit may have.
pub fn set_guest_codes_per_unit(tx: &Tx, id: PropertyId, most: u32) -> Result<()> {
    let sql = "UPDATE property SET guest_codes_per_unit = ?, version = version + 1 WHERE id = ?";
    sql::execute(tx, sql, params![most, id])?;
    Ok(())
}

/// Sets how long before a window begins guest codes are sent to locks, in minutes (R44). It holds for those that are issued
/// already, too.
pub fn set_guest_code_lead(tx: &Tx, id: PropertyId, minutes: u32) -> Result<()> {
    let sql = "UPDATE property SET guest_code_lead_minutes = ?, version = version + 1 WHERE id = ?";
    sql::execute(tx, sql, params![minutes, id])?;
    Ok(())
}

/// Sets whether delivery codes may open unit doors (R20).
pub fn set_delivery_opens_unit_doors(tx: &Tx, id: PropertyId, allowed: bool) -> Result<()> {
    let sql = "UPDATE property SET delivery_opens_unit_doors = ?, version = version + 1 WHERE id = ?";
    sql::execute(tx, sql, params![allowed, id])?;
    Ok(())
}

/// Sets whom residents turn to.
pub fn set_contact(tx: &Tx, id: PropertyId, email: Option<&str>, phone: Option<&str>) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE property SET support_email = ?, support_phone = ?, version = version + 1 WHERE id = ?",
        params![email, phone, id],
    )?;
    Ok(())
}

/// Sets the language of letters and sheets to people who have chosen none.
pub fn set_language(tx: &Tx, id: PropertyId, language: &str) -> Result<()> {
    let sql = "UPDATE property SET language = ?, version = version + 1 WHERE id = ?";
    sql::execute(tx, sql, params![language, id])?;
    Ok(())
}

/// The language of the property that a letter is about, where it goes to a resident or to nobody known, such as a guest; of a
/// resident's newest home, where it is about none of theirs. `None` for staff.
pub fn language_of_people(
    db: &Db,
    person_id: Option<PersonId>,
    property_id: Option<PropertyId>,
) -> Result<Option<String>> {
    let language = match person_id {
        None => sql::optional_value::<Option<String>>(db, "SELECT language FROM property WHERE id = ?", [property_id])?,
        Some(person) => sql::optional_value(
            db,
            "SELECT property.language FROM tenancy JOIN property ON property.id = tenancy.property_id \
             WHERE tenancy.person_id = ? AND tenancy.ended_at IS NULL \
             ORDER BY tenancy.property_id IS ? DESC, tenancy.starts_at DESC LIMIT 1",
            params![person, property_id],
        )?,
    };
    Ok(language.flatten())
}

/// Adds a property, with custom codes off (R3). Returns its id.
pub fn insert(
    tx: &Tx,
    name: &str,
    time_zone: &str,
    delivery_opens_unit_doors: bool,
    now: Millis,
) -> Result<PropertyId> {
    let id = PropertyId::generate();
    sql::execute(
        tx,
        "INSERT INTO property (id, name, time_zone, delivery_opens_unit_doors, created_at, sort_key) \
         VALUES (?, ?, ?, ?, ?, ?)",
        params![id, name, time_zone, delivery_opens_unit_doors, now, sort_key(name)],
    )?;
    Ok(id)
}

/// Switches custom codes on or off (R3), and increments the property's version.
pub fn set_custom_codes(tx: &Tx, id: PropertyId, enabled: bool, by: PersonId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE property SET custom_codes_enabled = ?, custom_codes_changed_at = ?, custom_codes_changed_by = ?, \
         version = version + 1 WHERE id = ?",
        params![enabled, now, by, id],
    )?;
    Ok(())
}

/// What tells how far setting a property up has come.
#[derive(Clone, Copy, Debug)]
pub struct SetUp {
    /// Doors that are in use.
    pub has_doors: bool,
    /// Doors that are in use and not linked to a lock yet (R35).
    pub doors_without_lock: u32,
    /// Somebody manages it and can sign in.
    pub has_manager: bool,
    /// Somebody lives there, or will.
    pub has_residents: bool,
}

/// How far setting it up has come.
pub fn set_up(db: &Db, id: PropertyId) -> Result<SetUp> {
    Ok(SetUp {
        has_doors: sql::value(
            db,
            "SELECT EXISTS (SELECT 1 FROM door WHERE property_id = ? AND retired_at IS NULL)",
            [id],
        )?,
        doors_without_lock: sql::value(
            db,
            "SELECT count(*) FROM hub JOIN lock ON lock.hub_id = hub.id JOIN door ON door.id = lock.door_id \
             WHERE hub.property_id = ? AND hub.kind = 'none' AND lock.former_since IS NULL AND door.retired_at IS NULL",
            [id],
        )?,
        has_manager: sql::value(
            db,
            "SELECT EXISTS (SELECT 1 FROM manages JOIN person ON person.id = manages.person_id \
             WHERE manages.property_id = ? AND person.password_hash IS NOT NULL AND person.disabled_at IS NULL)",
            [id],
        )?,
        has_residents: sql::value(
            db,
            "SELECT EXISTS (SELECT 1 FROM tenancy WHERE property_id = ? AND ended_at IS NULL)",
            [id],
        )?,
    })
}

/// A property's counts at some time.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Units that are in use.
    pub units: u32,
    /// Guest codes that are live, by the worst of their statuses on the locks.
    pub guest_codes_live: Vec<(PlacementStatus, u32)>,
    /// The residents at that time, in groups: only a few, however many residents there are.
    pub residents: Vec<ResidentCount>,
}

/// How many residents use the same version of the app and have the same kind of code.
#[derive(Clone, Debug)]
pub struct ResidentCount {
    /// The app version they last signed in with, as declared; `None` for those who never signed in.
    pub app_version: Option<String>,
    /// Whether they picked their code.
    pub custom: bool,
    /// How many residents.
    pub residents: u32,
}

sql::from_row!(ResidentCount { app_version, custom, residents });

/// A property's counts at `now`.
pub fn counts(db: &Db, id: PropertyId, now: Millis) -> Result<Counts> {
    let units = sql::value(db, "SELECT count(*) FROM unit WHERE property_id = ? AND retired_at IS NULL", [id])?;
    let guest_codes: Vec<(sql::Named<PlacementStatus>, u32)> = sql::all(
        db,
        "SELECT code.status, count(*) FROM guest_code JOIN code ON code.id = guest_code.id \
         WHERE guest_code.property_id = ? AND guest_code.state = 'live' GROUP BY code.status",
        [id],
    )?;
    let guest_codes_live = guest_codes.into_iter().map(|(sql::Named(status), codes)| (status, codes)).collect();
    let residents = sql::all(
        db,
        "SELECT person.app_version, coalesce(tenancy.code_origin = 'custom', 0) AS custom, count(*) AS residents FROM tenancy \
         JOIN person ON person.id = tenancy.person_id \
         WHERE tenancy.property_id = ? AND tenancy.ended_at IS NULL AND tenancy.starts_at <= ? \
         AND tenancy.code_id IS NOT NULL \
         GROUP BY person.app_version, custom",
        params![id, now],
    )?;
    Ok(Counts { units, guest_codes_live, residents })
}
