//! What can go wrong in the store.

use std::cell::Cell;

use rusqlite::ErrorCode;

/// The result type of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the store. No variant holds digits of a code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed. If it failed at a commit, it is unknown whether the change happened.
    #[error("the database failed: {0}")]
    Storage(rusqlite::Error),
    /// The commit that this change shared with others failed, so it is unknown whether the change happened.
    #[error("the database failed in the commit of several changes: {0}")]
    Commit(String),
    /// A change was to be committed without its audit event (R31).
    #[error("a change without an audit event")]
    Unrecorded,
    /// The deed panicked; nothing of it happened.
    #[error("a deed panicked")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Too many changes are already waiting; nothing of this one was done.
    #[error("too many changes wait already")]
    QueueFull,
    /// A sealed code doesn't open: it was sealed under another key, or the record was tampered with.
    #[error("a sealed code doesn’t open")]
    Sealed,
    /// The database belongs to another master key: none of what is sealed in it opens.
    #[error("this is not the master key of that database: nothing sealed in it opens")]
    OtherKey,
    /// The operating system supplied no random bytes.
    #[error("no random bytes from the operating system")]
    NoRandomness,
    /// A cursor that this server didn't make for this list.
    #[error("the cursor is not of this list")]
    BadCursor,
    /// A record holds something impossible: it was damaged, edited by hand, or written by a newer version. It is set
    /// aside and not shown, and everything else carries on.
    #[error("a record can’t be read: {0}")]
    Unreadable(String),
    /// The database was made by a newer version of this program.
    #[error("the database was made by a newer version of Latchkey: {0}")]
    NewerSchema(String),
}

impl Error {
    /// Whether the database can't be used at the moment, so that what failed is worth retrying.
    pub fn is_storage_failure(&self) -> bool {
        matches!(self, Self::Storage(_) | Self::Commit(_) | Self::Closed | Self::QueueFull)
    }

    /// Whether the error concerns a single record, so that all others can be read.
    pub fn is_single_record(&self) -> bool {
        matches!(self, Self::Sealed | Self::Unreadable(_))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        match error {
            // The value itself is left out: it may be somebody's personal data.
            Sql::FromSqlConversionFailure(column, ..)
            | Sql::IntegralValueOutOfRange(column, _)
            | Sql::Utf8Error(column, _) => Self::Unreadable(format!("the value of its column {column}")),
            Sql::InvalidColumnType(_, column, _) => Self::Unreadable(format!("the value of its column {column}")),
            other => {
                if other.sqlite_error_code().is_some_and(is_file_failure) {
                    FILE_FAILED.set(true);
                }
                Self::Storage(other)
            }
        }
    }
}

thread_local! {
    static FILE_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the database file has failed a statement of this thread since the last call. A deed may return an error of
/// its own kind, or none; either way the connection can't be trusted any further.
pub(crate) fn file_failed() -> bool {
    FILE_FAILED.take()
}

/// Whether the disk is full or failing, or the file isn't what it was.
fn is_file_failure(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen)
}
