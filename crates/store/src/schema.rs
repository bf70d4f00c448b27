//! Connections, and the schema that they find.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{OpenFlags, TransactionBehavior};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use crate::{Db, Error, Result, sql};

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Until it is on disk.
    Full,
    /// Nothing.
    None,
}

/// What the schema went through, oldest first. What was released is never changed, only added to.
const MIGRATIONS: [&str; 6] = [
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_search_residents.sql"),
    include_str!("../migrations/0003_my_sessions.sql"),
    include_str!("../migrations/0004_guest_code_shares.sql"),
    include_str!("../migrations/0005_audit_index.sql"),
    include_str!("../migrations/0006_nobody_keeps_access.sql"),
];

/// How long to wait for another process that writes, such as `latchkey user add`.
const BUSY: Duration = Duration::from_secs(10);

/// Statements that are kept prepared for each connection.
const STATEMENTS: usize = 512;

/// The connection that writes, which makes the database where there is none.
pub(crate) fn connect_to_write(path: &Path, durability: Durability) -> Result<Db> {
    connect(path, durability, OpenFlags::default())
}

/// The connection that writes, after one that failed. Where the file is gone it makes no other: that would be an empty
/// one, into whose log everything went, though the first may come back.
pub(crate) fn connect_again(path: &Path, durability: Durability) -> Result<Db> {
    connect(path, durability, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)
}

fn connect(path: &Path, durability: Durability, flags: OpenFlags) -> Result<Db> {
    let db = Db::open_with_flags(path, flags)?;
    set_up(&db)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", if durability == Durability::Full { "full" } else { "off" })?;
    db.pragma_update(None, "foreign_keys", true)?;
    // What a deed changes is kept in memory until it is done, in case it is undone: in a file it takes a third of its time.
    db.pragma_update(None, "temp_store", "memory")?;
    Ok(db)
}

/// A connection that reads.
pub(crate) fn connect_to_read(path: &Path) -> Result<Db> {
    let db = Db::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    set_up(&db)?;
    Ok(db)
}

/// What every connection is set to.
fn set_up(db: &Db) -> Result<()> {
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // A statement is planned once, whatever its values are: else one with a limit, for instance, is for each.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Brings the schema up to date, in one transaction with the number of changes that it has had then, so that being
/// stopped in between loses nothing.
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
    })
}

/// Versions up to 0.1 counted the schema's changes in a table; now SQLite's `user_version` does.
fn adopt_older_bookkeeping(db: &mut Db) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')";
    let counted_in_table: bool = sql::value(&tx, sql, [])?;
    if !counted_in_table {
        return Ok(());
    }
    let done: i64 = sql::value(&tx, "SELECT count(*) FROM _sqlx_migrations WHERE success", [])?;
    if done > MIGRATIONS.len() as i64 {
        // Left as it is for the version that made it.
        return Err(newer());
    }
    tx.execute_batch("DROP TABLE _sqlx_migrations")?;
    tx.pragma_update(None, "user_version", done)?;
    Ok(tx.commit()?)
}

fn newer() -> Error {
    Error::NewerSchema(format!("it has had more than {} changes", MIGRATIONS.len()))
}
