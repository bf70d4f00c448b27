//! The audit log (R31): append-only, hash-chained, searchable by word.

mod chain;
mod entries;
mod event;
mod groups;
pub(crate) mod head;
mod index;
mod read;
mod record;
mod search;
mod terms;

pub use chain::{Verification, verify};
pub use event::{EventRecord, NewEvent, system_actor, system_channel};
pub use groups::{Parts, group_queries, list_parts, parts};
pub(crate) use index::index_once;
pub use read::{count, count_since, get, newest_at, of_subject, reveals};
pub(crate) use record::flush_index;
pub use search::{Actions, Filter, list, list_queries};
