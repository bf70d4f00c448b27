//! The records of Latchkey: the one place that knows SQL.
//!
//! A read takes [`Read`], a write takes [`Tx`]; both lend a [`Db`]. There is one writer (SQLite has no more), so a
//! [`Tx`] sees a state that nobody else changes. A change and its audit event are one transaction: [`Tx::commit`]
//! refuses to commit when nothing was recorded (R31).
//!
//! Instants are milliseconds since 1970 in UTC ([`Millis`]). What a caller may see ([`Scope`]) is part of each query,
//! so that a foreign row and a missing one are the same (R33). Digits of codes are sealed by [`vault`] before they
//! come here and never stored otherwise (R32).

pub mod audit;
pub mod codes;
mod cursor;
pub mod doors;
mod error;
pub mod guest_codes;
pub mod idempotency;
mod names;
pub mod people;
pub mod placements;
pub mod properties;
mod scope;
pub mod sessions;
pub mod shares;
pub mod tenancies;
pub mod vault;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};

pub use cursor::Cursor;
pub use error::Error;
pub use scope::Scope;
pub use vault::{MasterKey, Vault};

/// Milliseconds since 1970-01-01 in UTC.
pub type Millis = i64;

/// A connection to run a query on: what [`Read`] and [`Tx`] lend.
pub type Db = sqlx::SqliteConnection;

/// What the functions of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The database and the keys to what is sealed in it.
#[derive(Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    vault: Vault,
}

/// Connections that read beside each other; WAL lets them go on while one writes.
const READERS: u32 = 4;

impl Store {
    /// Opens the database at `path`, making it if it isn't there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Storage`] when the file can't be opened or its schema is newer than this program.
    pub async fn open(path: &Path, master: MasterKey) -> Result<Self> {
        Self::open_with(path, master, SqliteSynchronous::Full).await
    }

    /// As [`Store::open`], but a power cut loses or breaks the file: for making one that is thrown away if it isn't
    /// finished.
    ///
    /// # Errors
    /// As [`Store::open`]'s.
    pub async fn open_unsafely_fast(path: &Path, master: MasterKey) -> Result<Self> {
        Self::open_with(path, master, SqliteSynchronous::Off).await
    }

    async fn open_with(path: &Path, master: MasterKey, synchronous: SqliteSynchronous) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!().run(&writer).await.map_err(sqlx::Error::from)?;
        let mut tx = Tx { inner: writer.begin_with("BEGIN IMMEDIATE").await?, recorded: 0 };
        audit::index_once(&mut tx).await?;
        tx.commit_unrecorded().await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers, vault: Vault::new(master) })
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Read> {
        Ok(Read(self.readers.acquire().await?))
    }

    /// Starts the one write transaction; waits for the one before it.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Tx { inner, recorded: 0 })
    }

    /// The keys.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Can it still be written to? Takes and gives back the write lock.
    pub async fn check_writable(&self) -> Result<()> {
        let tx = self.begin().await?;
        tx.rollback().await
    }

    /// Closes every connection, which folds the WAL into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A connection for reading.
pub struct Read(PoolConnection<Sqlite>);

impl Deref for Read {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.0
    }
}

impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.0
    }
}

/// The write transaction. Dropped without a commit, nothing of it happened.
pub struct Tx {
    inner: Transaction<'static, Sqlite>,
    recorded: usize,
}

impl Tx {
    /// Commits the change with its audit events.
    ///
    /// # Errors
    /// [`Error::Unrecorded`] when no event was recorded: an action without a record does not happen (R31).
    pub async fn commit(self) -> Result<()> {
        if self.recorded == 0 {
            return Err(Error::Unrecorded);
        }
        Ok(self.inner.commit().await?)
    }

    /// Is there an event in this transaction?
    pub fn has_recorded(&self) -> bool {
        self.recorded > 0
    }

    /// Commits what is nobody's action: a session's last use, a step of the lock worker between two results.
    pub async fn commit_unrecorded(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Undoes everything of this transaction.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}

impl Deref for Tx {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.inner
    }
}

/// A point in time as it travels: RFC 3339 in UTC, to the millisecond where there are any.
///
/// # Panics
/// Never for instants of the years 1 to 9999.
pub fn instant(millis: Millis) -> api_types::Instant {
    api_types::Instant(jiff::Timestamp::from_millisecond(millis).expect("a year from 1 to 9999").to_string())
}
