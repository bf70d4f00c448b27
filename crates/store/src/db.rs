//! The connection and time types that every query uses.

/// Milliseconds since 1970-01-01 in UTC.
pub type Millis = i64;

/// A connection to run queries on, as lent by a read or a [`crate::Tx`].
pub type Db = rusqlite::Connection;
