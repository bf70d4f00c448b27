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
    /// The place of its event in the audit log.
    pub seq: i64,
    /// When it was undone.
    pub undone_at: Option<Millis>,
    /// How many tenancies it added.
    pub added: u32,
    /// How many it changed.
    pub changed: u32,
}

sql::from_row!(ImportRecord { id, by, at as Moment, seq, undone_at as Moment, added, changed });

const IMPORT: &str = "SELECT roster_import.id, person.name AS by, at, seq, undone_at, \
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

/// Begins the record of an import; [`finish`] completes it.
pub fn insert(tx: &Tx, id: RosterImportId, property_id: PropertyId, person_id: PersonId, now: Millis) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO roster_import (id, property_id, person_id, at, seq) VALUES (?, ?, ?, ?, 0)",
        params![id, property_id, person_id, now],
    )?;
    Ok(())
}

/// Notes that everything the import did is in the log by now.
pub fn finish(tx: &Tx, id: RosterImportId) -> Result<()> {
    let sql = "UPDATE roster_import SET seq = (SELECT coalesce(max(seq), 0) FROM audit) WHERE id = ?";
    sql::execute(tx, sql, [id]).map(|_| ())
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

/// Records what an import did to a tenancy.
pub fn insert_row(tx: &Tx, id: RosterImportId, row: &ImportedRow) -> Result<()> {
    sql::execute(
        tx,
        "INSERT INTO roster_import_row (import_id, line, tenancy_id, added, addressed, old_name, old_own, old_in, \
         old_out, old_starts, old_ends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
        "SELECT line, tenancy_id, added, addressed, old_name, old_own, old_in, old_out, old_starts, old_ends \
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
