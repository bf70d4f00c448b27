//! Limits that last a day of real time, whatever the clock is set to (R11).
//!
//! Times here are real times: milliseconds that go on as time passes. They are the clock's ([`Millis`]) less what it has
//! been set forward while the server ran.

use ids::UnitId;
use rusqlite::params;

use crate::{Db, Millis, Result, Tx, sql};

/// How long a limit lasts.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

/// When a code was last refused as not available for a door of this unit: the newest `limit` times within a day of
/// `now`, newest first.
pub fn unavailable_codes(db: &Db, unit_id: UnitId, now: Millis, limit: usize) -> Result<Vec<Millis>> {
    sql::values(
        db,
        "SELECT at FROM unavailable_code WHERE unit_id = ? AND at > ? ORDER BY at DESC LIMIT ?",
        params![unit_id, now - DAY, limit as i64],
    )
}

/// Keeps that a code was refused as not available for a door of this unit, and forgets what no longer counts.
pub fn keep_unavailable_code(tx: &Tx, unit_id: UnitId, now: Millis) -> Result<()> {
    sql::execute(tx, "DELETE FROM unavailable_code WHERE unit_id = ? AND at <= ?", params![unit_id, now - DAY])?;
    sql::execute(tx, "INSERT INTO unavailable_code (unit_id, at) VALUES (?, ?)", params![unit_id, now])?;
    Ok(())
}

/// The newest time kept, which real time can't be before.
pub fn newest(db: &Db) -> Result<Option<Millis>> {
    sql::value(db, "SELECT max(at) FROM unavailable_code", [])
}

/// By how much the clock has been set forward in all, as last kept.
pub fn clock_ahead(db: &Db) -> Result<Millis> {
    sql::value(db, "SELECT ahead FROM clock", [])
}

/// Keeps by how much the clock has been set forward in all.
pub fn keep_clock_ahead(tx: &Tx, ahead: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE clock SET ahead = ?", [ahead])?;
    Ok(())
}
