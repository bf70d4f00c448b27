//! What can go wrong in the store.

use std::cell::Cell;

use rusqlite::ErrorCode;

/// What the functions of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the store. None of them holds digits of a code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed. Whether a change happened is unknown if it came from a commit.
    #[error("the database failed: {0}")]
    Storage(rusqlite::Error),
    /// The commit that was to hold this change failed with another's, so whether it happened is unknown.
    #[error("the database failed in the commit of several changes: {0}")]
    Commit(String),
    /// A change was to be committed without its audit event (R31).
    #[error("a change without an audit event")]
    Unrecorded,
    /// What was to be done panicked; nothing of it happened.
    #[error("a deed panicked")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Too many changes wait to be made already; nothing of this one was done.
    #[error("too many changes wait already")]
    TooMuchWaits,
    /// A sealed code doesn't open: another key, or the record was tampered with.
    #[error("a sealed code doesn't open")]
    Sealed,
    /// The operating system gives no random bytes.
    #[error("no random bytes from the operating system")]
    NoRandomness,
    /// A cursor that this server didn't make for this list.
    #[error("the cursor is not of this list")]
    BadCursor,
    /// A record says what can't be: it was damaged, edited by hand, or is of a newer version. It is set aside and not
    /// shown, and everything else goes on.
    #[error("a record can't be read: {0}")]
    Unreadable(String),
    /// The database is newer than this program.
    #[error("the database was made by a newer version of Latchkey: {0}")]
    NewerSchema(String),
}

impl Error {
    /// The database can't be used now, and may be later: what failed is worth another try.
    pub fn is_of_storage(&self) -> bool {
        matches!(self, Self::Storage(_) | Self::Commit(_) | Self::Closed | Self::TooMuchWaits)
    }

    /// It is about one record alone, and all others can be read.
    pub fn is_of_one_record(&self) -> bool {
        matches!(self, Self::Sealed | Self::Unreadable(_))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        match error {
            // The value itself isn't said: it may be anybody's.
            Sql::FromSqlConversionFailure(column, ..)
            | Sql::IntegralValueOutOfRange(column, _)
            | Sql::Utf8Error(column, _) => Self::Unreadable(format!("the value of its column {column}")),
            Sql::InvalidColumnType(_, column, _) => Self::Unreadable(format!("the value of its column {column}")),
            other => {
                if other.sqlite_error_code().is_some_and(is_of_the_file) {
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

/// Did the database's file fail a statement of this thread since that was last asked? A deed answers with an error of its
/// own kind, or with none; the connection isn't to be trusted any further in any case.
pub(crate) fn file_failed() -> bool {
    FILE_FAILED.take()
}

/// There is no room, or the disk fails, or the file isn't what it was.
fn is_of_the_file(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen)
}
