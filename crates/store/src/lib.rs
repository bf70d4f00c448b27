//! The records of Latchkey: the one place that knows SQL.
//!
//! Reads run on one of a few connections ([`Store::read`]). Changes run one after another on the single writing
//! connection ([`Store::write`]), and those that are waiting share a commit. So a change sees a state that nobody else
//! is changing, and once begun it runs to completion whether or not anybody is still waiting for it. A change and its
//! audit event are one: a change that records nothing is rolled back (R31).
//!
//! Instants are milliseconds since 1970 in UTC ([`Millis`]). What a caller may see ([`Scope`]) is part of each query,
//! so a row outside their scope is the same as a missing one (R33). The digits of codes are sealed by [`vault`] and
//! never stored in any other form (R32).

pub mod audit;
pub mod changes;
pub mod codes;
mod cursor;
mod db;
pub mod devices;
pub mod doors;
mod error;
pub mod guest_codes;
pub mod hubs;
pub mod idempotency;
pub mod incidents;
pub mod layout;
pub mod locks;
pub mod mail;
mod notifier;
pub mod one_time_links;
pub mod passkeys;
pub mod people;
pub mod placements;
mod plain;
pub mod properties;
mod readers;
pub mod real_days;
pub mod roster_imports;
mod schema;
mod scope;
mod sealing;
pub mod sessions;
pub mod shares;
mod sql;
mod store;
pub mod summaries;
pub mod tenancies;
mod tx;
pub mod vault;
mod words;
mod writer;

pub use cursor::Cursor;
pub use db::{Db, Millis};
pub use error::{Error, Result};
pub use scope::Scope;
pub use sql::Query;
pub use store::Store;
pub use tx::Tx;
pub use vault::{MasterKey, Vault};
pub use words::fold as folded;
