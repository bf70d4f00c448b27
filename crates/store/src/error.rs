//! What can go wrong in the store.

/// A failure of the store. None of them holds digits of a code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed. Whether a change happened is unknown if it came from a commit.
    #[error("the database failed: {0}")]
    Storage(#[from] sqlx::Error),
    /// A change was to be committed without its audit event (R31).
    #[error("a change without an audit event")]
    Unrecorded,
    /// A sealed code doesn't open: another key, or the record was tampered with.
    #[error("a sealed code doesn't open")]
    Sealed,
    /// The operating system gives no random bytes.
    #[error("no random bytes from the operating system")]
    NoRandomness,
    /// A cursor that this server didn't make for this list.
    #[error("the cursor is not of this list")]
    BadCursor,
    /// A value in the database that the program doesn't know: it is newer, or was edited by hand.
    #[error("the database holds {0}, which this version does not know")]
    Unknown(String),
}

impl Error {
    /// The change broke this unique index or constraint.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Storage(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}
