//! The write transaction.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use ids::CauseId;

use crate::audit::head::Log;
use crate::{Db, Vault};

/// The write transaction, as a deed sees it. Only [`crate::Store::write`] lends one, so its holder sees the one state
/// of the database that is about to be committed.
pub struct Tx {
    db: Db,
    vault: Vault,
    /// How many events this deed has recorded so far.
    recorded: Cell<usize>,
    cause: Cell<CauseId>,
    pub(crate) log: RefCell<Log>,
}

impl Tx {
    pub(crate) fn new(db: Db, vault: Vault) -> Self {
        Self { db, vault, recorded: Cell::new(0), cause: Cell::new(CauseId::generate()), log: RefCell::default() }
    }

    /// The keys.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Whether this deed has recorded an event.
    pub fn has_recorded(&self) -> bool {
        self.recorded.get() > 0
    }

    pub(crate) fn count_recorded(&self) {
        self.recorded.set(self.recorded.get() + 1);
    }

    /// What this deed's events, and what happens on the locks because of it, have in common.
    pub fn cause(&self) -> CauseId {
        self.cause.get()
    }

    /// From now on, this deed does what it does because of that.
    pub fn because_of(&self, cause: Option<CauseId>) {
        if let Some(cause) = cause {
            self.cause.set(cause);
        }
    }

    pub(crate) fn begin_deed(&self) {
        self.recorded.set(0);
        self.cause.set(CauseId::generate());
    }
}

impl Deref for Tx {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}
