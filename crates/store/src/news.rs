//! Who is told that something was committed.
//!
//! The connection that writes keeps note of what it changes, whoever asked for it, so that no change can be made that
//! the workers don't hear of.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::hooks::Action;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Db, Result, sql};

/// So many changed placements are looked at one by one; when there are more, every hub is told.
const LOOKED_AT_MOST: usize = 10_000;

/// Those who wait for news.
#[derive(Default)]
pub(crate) struct News {
    hubs: Mutex<HashMap<Uuid, Arc<Notify>>>,
    time: Arc<Notify>,
}

impl News {
    pub(crate) fn hub(&self, hub_id: Uuid) -> Arc<Notify> {
        self.hubs().entry(hub_id).or_default().clone()
    }

    pub(crate) fn time(&self) -> Arc<Notify> {
        self.time.clone()
    }

    /// Tells those whom a commit concerns.
    pub(crate) fn tell(&self, told: &Told) {
        if told.time {
            self.time.notify_one();
        }
        for (hub_id, waits) in self.hubs().iter() {
            if told.every_hub || told.hubs.contains(hub_id) {
                waits.notify_one();
            }
        }
    }

    fn hubs(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Notify>>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a transaction has changed so far.
#[derive(Default)]
struct Changed {
    placements: HashSet<i64>,
    time: bool,
}

/// Takes note of what a connection changes.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<Mutex<Changed>>);

/// Whom a commit concerns.
#[derive(Default)]
pub(crate) struct Told {
    hubs: HashSet<Uuid>,
    every_hub: bool,
    time: bool,
}

impl Watch {
    /// Takes note of everything that this connection changes from now on.
    pub(crate) fn over(db: &Db) -> Result<Self> {
        let watch = Self::default();
        let noted = watch.clone();
        db.update_hook(Some(move |_: Action, _: &str, table: &str, row: i64| noted.note(table, row)))?;
        Ok(watch)
    }

    fn note(&self, table: &str, row: i64) {
        match table {
            "placement" => {
                self.changed().placements.insert(row);
            }
            "guest_code" | "tenancy" => self.changed().time = true,
            _ => {}
        }
    }

    /// Whom what was noted concerns, to be told once it is committed. Forgets it.
    pub(crate) fn take(&self, db: &Db) -> Result<Told> {
        let changed = std::mem::take(&mut *self.changed());
        let mut told = Told { time: changed.time, ..Told::default() };
        if changed.placements.len() > LOOKED_AT_MOST {
            told.every_hub = true;
            return Ok(told);
        }
        for row in changed.placements {
            let sql = "SELECT hub_id FROM placement WHERE rowid = ? AND next_attempt_at IS NOT NULL";
            match sql::optional_value::<Uuid>(db, sql, [row]) {
                Ok(hub_id) => told.hubs.extend(hub_id),
                // Nobody can say whose it is; what else is in the commit must not fail for it.
                Err(error) if error.is_of_one_record() => told.every_hub = true,
                Err(error) => return Err(error),
            }
        }
        Ok(told)
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
