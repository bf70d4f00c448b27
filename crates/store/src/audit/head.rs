//! The part of the log that a write transaction keeps in memory.

use super::entries::Entry;
use crate::{Db, Millis, Result, sql};

/// The part of the log that a transaction keeps in memory: the newest event, so that it is read once however many
/// follow, and the entries not indexed yet, so that a set shared by several of them is written once.
#[derive(Default)]
pub(crate) struct Log {
    /// `None` until it has been read.
    pub(super) head: Option<Head>,
    pub(super) unindexed: Vec<Entry>,
}

/// A point that a [`Log`] can be rewound to.
pub(crate) struct Mark {
    head: Option<Head>,
    unindexed: usize,
}

impl Log {
    /// Marks the point to rewind to if what follows is undone.
    pub(crate) fn mark(&self) -> Mark {
        Mark { head: self.head.clone(), unindexed: self.unindexed.len() }
    }

    /// Forgets everything recorded since `mark`.
    pub(crate) fn rewind_to(&mut self, mark: Mark) {
        self.head = mark.head;
        self.unindexed.truncate(mark.unindexed);
    }
}

/// The newest event, which the next one links to.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) at: Millis,
    pub(super) hash: Vec<u8>,
}

sql::from_row!(Head { at, hash });

impl Head {
    pub(super) fn read(db: &Db) -> Result<Self> {
        let newest = sql::optional(db, "SELECT at, hash FROM audit ORDER BY seq DESC LIMIT 1", [])?;
        Ok(newest.unwrap_or(Self { at: Millis::MIN, hash: Vec::new() }))
    }
}
