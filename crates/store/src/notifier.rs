//! Telling the workers, and those who follow what happens ([`crate::changes`]), what was committed.
//!
//! The writing connection tracks what it changes, whoever asked for it, so that no change can be made without their
//! hearing of it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ids::HubId;
use rusqlite::hooks::Action;
use tokio::sync::Notify;

use crate::changes::{Changes, Rows, Table, Whose, track_rights};
use crate::{Db, Result, sql};

/// How many changed placements are looked up one by one; beyond that, every hub is notified.
const MAX_LOOKUPS: usize = 10_000;

/// The workers waiting to be notified.
#[derive(Default)]
pub(crate) struct Notifier {
    hubs: Mutex<HashMap<HubId, Arc<Notify>>>,
    time: Arc<Notify>,
    mail: Arc<Notify>,
    changes: Arc<Changes>,
    links: Arc<Notify>,
}

impl Notifier {
    pub(crate) fn hub(&self, hub_id: HubId) -> Arc<Notify> {
        self.hubs().entry(hub_id).or_default().clone()
    }

    pub(crate) fn time(&self) -> Arc<Notify> {
        self.time.clone()
    }

    pub(crate) fn mail(&self) -> Arc<Notify> {
        self.mail.clone()
    }

    pub(crate) fn changes(&self) -> Arc<Changes> {
        self.changes.clone()
    }

    pub(crate) fn links(&self) -> Arc<Notify> {
        self.links.clone()
    }

    /// Notifies the workers that a commit concerns, and whoever follows.
    pub(crate) fn notify(&self, recipients: Recipients) {
        self.changes.note(recipients.rows, recipients.rights);
        if recipients.time {
            self.time.notify_one();
        }
        if recipients.mail {
            self.mail.notify_one();
        }
        if recipients.links {
            self.links.notify_one();
        }
        for (hub_id, waits) in self.hubs().iter() {
            if recipients.every_hub || recipients.hubs.contains(hub_id) {
                waits.notify_one();
            }
        }
    }

    fn hubs(&self) -> MutexGuard<'_, HashMap<HubId, Arc<Notify>>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a transaction has changed so far.
#[derive(Default)]
struct Changed {
    placements: HashSet<i64>,
    time: bool,
    mail: bool,
    rows: Rows,
    rights: HashSet<Whose>,
    links: bool,
}

/// Tracks what a connection changes.
#[derive(Clone, Default)]
pub(crate) struct ChangeTracker(Arc<Mutex<Changed>>);

/// The workers that a commit concerns.
#[derive(Default)]
pub(crate) struct Recipients {
    hubs: HashSet<HubId>,
    every_hub: bool,
    time: bool,
    mail: bool,
    rows: Rows,
    rights: HashSet<Whose>,
    links: bool,
}

impl ChangeTracker {
    /// Tracks everything that this connection changes from now on.
    pub(crate) fn install(db: &Db) -> Result<Self> {
        let tracker = Self::default();
        let noting = tracker.clone();
        db.update_hook(Some(move |_: Action, _: &str, table: &str, row: i64| noting.note(table, row)))?;
        let noting = tracker.clone();
        track_rights(db, move |whose| {
            noting.changed().rights.insert(whose);
        })?;
        Ok(tracker)
    }

    fn note(&self, table: &str, row: i64) {
        if let Some(table) = Table::named(table) {
            self.changed().rows.note(table, row);
        }
        match table {
            "placement" => {
                self.changed().placements.insert(row);
            }
            // A property says how early its guest codes are sent.
            "guest_code" | "tenancy" | "property" => self.changed().time = true,
            "mail" => self.changed().mail = true,
            "hub_changes" => self.changed().links = true,
            _ => {}
        }
    }

    /// The workers that the tracked changes concern, to be notified once they are committed. Resets the tracker.
    pub(crate) fn take_recipients(&self, db: &Db) -> Result<Recipients> {
        let changed = std::mem::take(&mut *self.changed());
        let Changed { time, mail, links, rows, rights, .. } = changed;
        let mut recipients = Recipients { time, mail, links, rows, rights, ..Recipients::default() };
        if changed.placements.len() > MAX_LOOKUPS {
            recipients.every_hub = true;
            return Ok(recipients);
        }
        for row in changed.placements {
            let sql = "SELECT hub_id FROM placement WHERE rowid = ? AND next_attempt_at IS NOT NULL";
            match sql::optional_value::<HubId>(db, sql, [row]) {
                Ok(hub_id) => recipients.hubs.extend(hub_id),
                // There is no telling whose it is, and the rest of the commit must not fail because of it.
                Err(error) if error.is_single_record() => recipients.every_hub = true,
                Err(error) => return Err(error),
            }
        }
        Ok(recipients)
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
