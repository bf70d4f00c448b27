//! The records of Latchkey: the one place that knows SQL.
//!
//! What only reads runs on one of a few connections ([`Store::read`]); what changes something runs on the one connection
//! that writes ([`Store::write`]), one after another, and those that wait share a commit. So a change sees a state that
//! nobody else changes, and once it has begun it runs to its end whether or not anybody still waits for it. A change and
//! its audit event are one: what changed something and recorded nothing is undone (R31).
//!
//! Instants are milliseconds since 1970 in UTC ([`Millis`]). What a caller may see ([`Scope`]) is part of each query,
//! so that a foreign row and a missing one are the same (R33). Digits of codes are sealed by [`vault`] before they
//! come here and never stored otherwise (R32).

pub mod audit;
pub mod codes;
mod cursor;
mod db;
pub mod doors;
mod error;
pub mod guest_codes;
pub mod idempotency;
pub mod incidents;
mod names;
mod news;
pub mod people;
pub mod placements;
pub mod properties;
mod readers;
mod schema;
mod scope;
mod sealing;
pub mod sessions;
pub mod shares;
mod sql;
mod store;
pub mod tenancies;
mod tx;
pub mod vault;
mod writer;

pub use cursor::Cursor;
pub use db::{Db, Millis};
pub use error::{Error, Result};
pub use scope::Scope;
pub use sql::Query;
pub use store::Store;
pub use tx::Tx;
pub use vault::{MasterKey, Vault};
