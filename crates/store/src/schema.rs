//! Opening connections, and bringing the schema up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{OpenFlags, TransactionBehavior};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use crate::{Db, Error, Result, sql, words};

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Until the commit is on disk.
    Full,
    /// Nothing.
    None,
}

/// The migrations, oldest first. Released ones are never changed, only added to.
const MIGRATIONS: [&str; 30] = [
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_search_residents.sql"),
    include_str!("../migrations/0003_my_sessions.sql"),
    include_str!("../migrations/0004_guest_code_shares.sql"),
    include_str!("../migrations/0005_audit_index.sql"),
    include_str!("../migrations/0006_nobody_keeps_access.sql"),
    include_str!("../migrations/0007_facts_and_causes.sql"),
    include_str!("../migrations/0008_former_residents.sql"),
    include_str!("../migrations/0009_real_days.sql"),
    include_str!("../migrations/0010_setting_up.sql"),
    include_str!("../migrations/0011_references.sql"),
    include_str!("../migrations/0012_text_keys.sql"),
    include_str!("../migrations/0013_names_of_rosters.sql"),
    include_str!("../migrations/0014_devices.sql"),
    include_str!("../migrations/0015_guest_codes_per_unit.sql"),
    include_str!("../migrations/0020_rosters_as_they_are.sql"),
    include_str!("../migrations/0030_mail.sql"),
    include_str!("../migrations/0031_unsettled_placements.sql"),
    include_str!("../migrations/0035_daily_summary.sql"),
    include_str!("../migrations/0021_layout_changes.sql"),
    include_str!("../migrations/0032_passkeys.sql"),
    include_str!("../migrations/0036_mailed_passes.sql"),
    include_str!("../migrations/0037_languages_of_properties.sql"),
    include_str!("../migrations/0038_events_by_cause.sql"),
    include_str!("../migrations/0040_linked_locks.sql"),
    include_str!("../migrations/0045_checks.sql"),
    include_str!("../migrations/0046_unknown_codes_are_told.sql"),
    include_str!("../migrations/0050_windows_and_leads.sql"),
    include_str!("../migrations/0051_versions_of_guest_codes.sql"),
    include_str!("../migrations/0052_placements_by_what_they_replace.sql"),
];

/// How long to wait for another process that is writing, such as `latchkey user add`.
const BUSY: Duration = Duration::from_secs(10);

/// How many prepared statements each connection keeps.
const STATEMENTS: usize = 512;

/// Opens the writing connection, creating the database if there is none.
pub(crate) fn connect_to_write(path: &Path, durability: Durability) -> Result<Db> {
    connect(path, durability, OpenFlags::default())
}

/// Reopens the writing connection after one that failed. If the file is gone, it doesn't create another: everything
/// would go into that empty one's log, although the first may come back.
pub(crate) fn reconnect_to_write(path: &Path, durability: Durability) -> Result<Db> {
    connect(path, durability, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)
}

fn connect(path: &Path, durability: Durability, flags: OpenFlags) -> Result<Db> {
    let db = Db::open_with_flags(path, flags)?;
    set_up(&db)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", if durability == Durability::Full { "full" } else { "off" })?;
    db.pragma_update(None, "foreign_keys", true)?;
    // A deed's changes are journalled in memory until it is done, in case it is undone: journalling to a file takes a
    // third of a deed's time.
    db.pragma_update(None, "temp_store", "memory")?;
    Ok(db)
}

/// Opens a reading connection.
pub(crate) fn connect_to_read(path: &Path) -> Result<Db> {
    let db = Db::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    set_up(&db)?;
    Ok(db)
}

/// The settings of every connection.
fn set_up(db: &Db) -> Result<()> {
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans a statement once, whatever its values. Otherwise a statement with a limit, for instance, is planned anew
    // for each value.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Brings the schema up to date, and what names are found by ([`words::refresh`]); the schema in one transaction, together with the number of migrations applied, so that being
/// interrupted loses nothing.
///
/// # Errors
/// [`Error::NewerSchema`] when the database was made by a newer version.
pub(crate) fn migrate(db: &mut Db) -> Result<()> {
    adopt_older_bookkeeping(db)?;
    let migrations = Migrations::from_iter(MIGRATIONS.map(M::up));
    migrations.to_latest(db).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => newer(),
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => Error::Unreadable(other.to_string()),
    })?;
    words::refresh(db)
}

/// Versions up to 0.1 counted migrations in a table; now SQLite's `user_version` does.
fn adopt_older_bookkeeping(db: &mut Db) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')";
    let counted_in_table: bool = sql::value(&tx, sql, [])?;
    if !counted_in_table {
        return Ok(());
    }
    let done: i64 = sql::value(&tx, "SELECT count(*) FROM _sqlx_migrations WHERE success", [])?;
    if done > MIGRATIONS.len() as i64 {
        // Left untouched for the version that made it.
        return Err(newer());
    }
    tx.execute_batch("DROP TABLE _sqlx_migrations")?;
    tx.pragma_update(None, "user_version", done)?;
    Ok(tx.commit()?)
}

fn newer() -> Error {
    Error::NewerSchema(format!("it has had more than {} changes", MIGRATIONS.len()))
}
