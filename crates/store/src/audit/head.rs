//! What of the log a write transaction keeps in memory.

use super::entries::Entry;
use crate::{Db, Millis, Result, sql};

/// What of the log a transaction keeps in memory: its newest event, so that it is read once however many follow, and what
/// the index doesn't have yet, so that what shares a set writes it once.
#[derive(Default)]
pub(crate) struct Log {
    /// `None` while it wasn't read.
    pub(super) head: Option<Head>,
    pub(super) unindexed: Vec<Entry>,
}

/// A [`Log`] as it was.
pub(crate) struct Mark {
    head: Option<Head>,
    unindexed: usize,
}

impl Log {
    /// What to return to if what follows is undone.
    pub(crate) fn mark(&self) -> Mark {
        Mark { head: self.head.clone(), unindexed: self.unindexed.len() }
    }

    /// Forgets what was recorded since.
    pub(crate) fn return_to(&mut self, mark: Mark) {
        self.head = mark.head;
        self.unindexed.truncate(mark.unindexed);
    }
}

/// What the next event is linked to: the newest one.
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
