//! Imports of rosters: what they did, so that they can be undone (R40), and which column was which.

use ids::{PersonId, PropertyId, RosterImportId, TenancyId};
use rusqlite::params;

use crate::tenancies::Dates;
use crate::{Db, Millis, Result, Tx, sql};

/// Which column is which in files whose columns have these names, if somebody has said so.
pub fn columns(db: &Db, property_id: PropertyId, headings: &str) -> Result<Option<String>> {
    let sql = "SELECT columns FROM roster_columns WHERE property_id = ? AND headings = ?";
    sql::optional_value(db, sql, params![property_id, headings])
}

/// Remembers which column is which.
pub fn remember_columns(tx: &Tx, property_id: PropertyId, headings: &str, columns: &str) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO roster_columns (property_id, headings, columns) VALUES (?1, ?2, ?3) \
         ON CONFLICT DO UPDATE SET columns = ?3",
        params![property_id, headings, columns],
    )?;
    Ok(())
}

/// An import.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// Its id.
    pub id: RosterImportId,
    /// Who imported.
    pub by: String,
    /// When.
    pub at: Millis,
    /// When it was undone.
    pub undone_at: Option<Millis>,
    /// How many tenancies it added.
    pub added: u32,
    /// How many it changed.
    pub changed: u32,
}

sql::from_row!(ImportRecord { id, by, at as Moment, undone_at as Moment, added, changed });

const IMPORT: &str = "SELECT roster_import.id, person.name AS by, at, undone_at, \
     (SELECT count(*) FROM roster_import_row WHERE import_id = roster_import.id AND added) AS added, \
     (SELECT count(*) FROM roster_import_row WHERE import_id = roster_import.id AND NOT added) AS changed \
     FROM roster_import JOIN person ON person.id = roster_import.person_id WHERE property_id = ?";

/// The imports into a property after then, the newest first.
pub fn since(db: &Db, property_id: PropertyId, since: Millis) -> Result<Vec<ImportRecord>> {
    let sql = format!("{IMPORT} AND at > ? ORDER BY at DESC, roster_import.id DESC LIMIT 20");
    sql::all_readable(db, &sql, params![property_id, since])
}

/// One import into that property.
pub fn get(db: &Db, property_id: PropertyId, id: RosterImportId) -> Result<Option<ImportRecord>> {
    sql::optional(db, &format!("{IMPORT} AND roster_import.id = ?"), params![property_id, id])
}

/// Adds an import. `by_whom` is whatever is needed to go on with it.
pub fn insert(
    tx: &Tx,
    id: RosterImportId,
    property_id: PropertyId,
    person_id: PersonId,
    by_whom: &str,
    now: Millis,
) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO roster_import (id, property_id, person_id, by_whom, at) VALUES (?, ?, ?, ?, ?)",
        params![id, property_id, person_id, by_whom, now],
    )?;
    Ok(())
}

/// Some rows of an import that are still to be done.
#[derive(Clone, Debug)]
pub struct Rest {
    /// The import.
    pub import_id: RosterImportId,
    /// The property.
    pub property_id: PropertyId,
    /// What is needed to go on with it.
    pub by_whom: String,
    /// Which part of it.
    pub part: i64,
    /// The rows, as JSON.
    pub rows: String,
}

sql::from_row!(Rest { import_id, property_id, by_whom, part, rows });

const REST: &str = "SELECT import_id, property_id, by_whom, part, rows FROM roster_import_rest \
     JOIN roster_import ON roster_import.id = import_id";

/// Keeps a part of an import for later.
pub fn insert_rest(tx: &Tx, id: RosterImportId, part: usize, rows: &str) -> Result<()> {
    let sql = "INSERT INTO roster_import_rest (import_id, part, rows) VALUES (?, ?, ?)";
    sql::execute(tx, sql, params![id, part as i64, rows])?;
    Ok(())
}

/// The next part of that import, or of any.
pub fn next_rest(db: &Db, id: Option<RosterImportId>) -> Result<Option<Rest>> {
    match id {
        Some(id) => sql::optional(db, &format!("{REST} WHERE import_id = ? ORDER BY part LIMIT 1"), [id]),
        None => sql::optional(db, &format!("{REST} ORDER BY import_id, part LIMIT 1"), []),
    }
}

/// Whether an import into that property is still being done.
pub fn is_under_way(db: &Db, property_id: PropertyId) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM roster_import_rest JOIN roster_import ON roster_import.id = import_id \
         WHERE property_id = ?)",
        [property_id],
    )
}

/// How far the audit log goes.
pub fn newest(db: &Db) -> Result<i64> {
    sql::value(db, "SELECT coalesce(max(seq), 0) FROM audit", [])
}

/// Whether anything has happened since that place in the log that a plan for that property's roster goes by: to its
/// residents, its units, or to a person.
pub fn has_changed_since(db: &Db, property_id: PropertyId, seq: i64) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM audit WHERE seq > ?1 AND (property_id = ?2 OR property_id IS NULL) \
         AND action NOT LIKE 'code.%' AND action NOT LIKE 'placement.%' AND action NOT LIKE 'guest_code.%' \
         AND action NOT LIKE 'session.%' AND action NOT LIKE 'access.%' AND action NOT LIKE 'lock.%' \
         AND action NOT LIKE 'hub.%')",
        params![seq, property_id],
    )
}

/// A part is done.
pub fn forget_rest(tx: &Tx, rest: &Rest) -> Result<()> {
    let sql = "DELETE FROM roster_import_rest WHERE import_id = ? AND part = ?";
    sql::execute(tx, sql, params![rest.import_id, rest.part]).map(|_| ())
}

/// Marks an import as undone.
pub fn set_undone(tx: &Tx, id: RosterImportId, now: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE roster_import SET undone_at = ? WHERE id = ?", params![now, id]).map(|_| ())
}

/// What an import did to a tenancy.
#[derive(Clone, Debug)]
pub struct ImportedRow {
    /// The line in the file.
    pub line: i64,
    /// The tenancy.
    pub tenancy_id: TenancyId,
    /// The place in the audit log of what it did.
    pub seq: i64,
    /// Whether it wasn't there before.
    pub added: bool,
    /// Whether its person was given an address.
    pub addressed: bool,
    /// Its name before.
    pub old_name: Option<String>,
    /// What the person was called themselves before, if that changed.
    pub old_own: Option<String>,
    /// Its first day before.
    pub old_in: Option<String>,
    /// Its last day before.
    pub old_out: Option<String>,
    /// Its beginning before.
    pub old_starts: Option<Millis>,
    /// Its end before.
    pub old_ends: Option<Millis>,
}

sql::from_row!(ImportedRow {
    line,
    tenancy_id,
    seq,
    added,
    addressed,
    old_name,
    old_own,
    old_in,
    old_out,
    old_starts as Moment,
    old_ends as Moment
});

impl ImportedRow {
    /// The tenancy's days before, if it was there.
    pub fn old_dates(&self) -> Option<Dates<'_>> {
        Some(Dates {
            move_in: self.old_in.as_deref()?,
            move_out: self.old_out.as_deref(),
            starts_at: self.old_starts?,
            ends_at: self.old_ends,
        })
    }
}

/// Records what an import did to a tenancy, right after its event.
pub fn insert_row(tx: &Tx, id: RosterImportId, row: &ImportedRow) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO roster_import_row (import_id, line, tenancy_id, seq, added, addressed, old_name, old_own, \
         old_in, old_out, old_starts, old_ends) \
         VALUES (?, ?, ?, (SELECT coalesce(max(seq), 0) FROM audit), ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            id,
            row.line,
            row.tenancy_id,
            row.added,
            row.addressed,
            row.old_name,
            row.old_own,
            row.old_in,
            row.old_out,
            row.old_starts,
            row.old_ends
        ],
    )?;
    Ok(())
}

/// What an import did, by line.
pub fn rows(db: &Db, id: RosterImportId) -> Result<Vec<ImportedRow>> {
    sql::all_readable(
        db,
        "SELECT line, tenancy_id, seq, added, addressed, old_name, old_own, old_in, old_out, old_starts, old_ends \
         FROM roster_import_row WHERE import_id = ? ORDER BY line",
        [id],
    )
}

/// Whether anybody has done anything about that tenancy or its person since that place in the log: the resident
/// themselves, somebody of the staff, or another import.
pub fn was_touched(db: &Db, tenancy_id: TenancyId, person_id: PersonId, seq: i64) -> Result<bool> {
    sql::value(
        db,
        "SELECT EXISTS (SELECT 1 FROM audit WHERE resident_id = ?1 AND seq > ?3 AND actor_id IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM audit WHERE subject_id = ?2 AND seq > ?3) \
         OR EXISTS (SELECT 1 FROM audit WHERE actor_id = ?2 AND seq > ?3)",
        params![tenancy_id, person_id, seq],
    )
}
