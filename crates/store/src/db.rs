//! What every query is made with.

/// Milliseconds since 1970-01-01 in UTC.
pub type Millis = i64;

/// A connection to run queries on: what a read and a [`crate::Tx`] lend.
pub type Db = rusqlite::Connection;
