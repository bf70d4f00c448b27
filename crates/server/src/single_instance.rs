//! One server per database.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The claim to be the only server of a database. Two of them would both drive its locks.
///
/// It is a lock on a file beside the database, which the operating system releases however the program ends. Whatever
/// path leads to the database, it is the same file.
pub struct SingleInstance(#[allow(dead_code, reason = "held, not used")] File);

impl SingleInstance {
    /// Claims the database.
    ///
    /// # Errors
    /// Another server has claimed it, or the file can't be created.
    pub fn claim(database: &Path) -> Result<Self> {
        // A database that isn't there yet has no links to it either.
        let path = database.canonicalize().unwrap_or_else(|_| database.to_owned()).with_extension("lock");
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("can't open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "another server runs on {} already: stop it first, or give this one a data folder of its own (--data)",
                database.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("can't lock {}", path.display())),
        }
    }
}
