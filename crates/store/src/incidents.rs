//! Records that can't be read, for support to see to. Each was set aside, and everything else goes on.

use rusqlite::params;
use uuid::Uuid;

use crate::sql::{self, from_row};
use crate::{Db, Error, Millis, Result, Tx};

/// A damaged record to be told of.
#[derive(Clone, Debug)]
pub struct Incident {
    /// `code`, `guest_code` or `resident`.
    pub kind: &'static str,
    /// Which.
    pub subject_id: Uuid,
    /// The property, where that can be read.
    pub property_id: Option<Uuid>,
    /// What can't be read of it; never a value.
    pub detail: String,
}

impl Incident {
    /// A code whose digits or data can't be read.
    pub fn of_code(id: Uuid, property_id: Uuid, error: &Error) -> Self {
        Self { kind: "code", subject_id: id, property_id: Some(property_id), detail: error.to_string() }
    }

    /// A guest code whose times or data can't be read.
    pub fn of_guest_code(id: Uuid, property_id: Option<Uuid>, error: &Error) -> Self {
        Self { kind: "guest_code", subject_id: id, property_id, detail: error.to_string() }
    }

    /// The guest code whose times or data can't be read, if that is what it is.
    pub fn guest_code(&self) -> Option<Uuid> {
        (self.kind == "guest_code").then_some(self.subject_id)
    }

    /// A tenancy that can't be read.
    pub fn of_resident(id: Uuid, error: &Error) -> Self {
        Self { kind: "resident", subject_id: id, property_id: None, detail: error.to_string() }
    }
}

/// A damaged record that support was told of.
#[derive(Clone, Debug)]
pub struct IncidentRecord {
    /// The incident's id.
    pub id: Uuid,
    /// `code`, `guest_code` or `resident`.
    pub kind: String,
    /// Which.
    pub subject_id: Uuid,
    /// The property, where that can be read.
    pub property_id: Option<Uuid>,
    /// The property's name.
    pub property: Option<String>,
    /// What can't be read of it.
    pub detail: String,
    /// When it was found.
    pub found_at: Millis,
}
from_row!(IncidentRecord { id, kind, subject_id, property_id, property, detail, found_at });

impl IncidentRecord {
    /// It is about a resident's or a guest's code.
    pub fn is_of_a_code(&self) -> bool {
        matches!(self.kind.as_str(), "code" | "guest_code")
    }
}

/// So many are listed, the oldest first.
const LISTED: i64 = 200;

/// Notes a damaged record for support, once. Answers whether it is news.
pub fn insert(tx: &Tx, incident: &Incident, now: Millis) -> Result<bool> {
    let Incident { kind, subject_id, property_id, detail } = incident;
    let sql = "INSERT INTO incident (id, kind, subject_id, property_id, detail, found_at) VALUES (?, ?, ?, ?, ?, ?) \
               ON CONFLICT (kind, subject_id) DO NOTHING";
    Ok(sql::execute(tx, sql, params![Uuid::now_v7(), kind, subject_id, property_id, detail, now])? > 0)
}

/// The damaged records that are known, the oldest first.
pub fn list(db: &Db) -> Result<Vec<IncidentRecord>> {
    sql::all(
        db,
        "SELECT incident.id, incident.kind, incident.subject_id, incident.property_id, property.name AS property, \
         incident.detail, incident.found_at FROM incident LEFT JOIN property ON property.id = incident.property_id \
         ORDER BY incident.found_at, incident.id LIMIT ?",
        [LISTED],
    )
}

/// It can be read again.
pub fn take_back(tx: &Tx, id: Uuid) -> Result<()> {
    sql::execute(tx, "DELETE FROM incident WHERE id = ?", [id]).map(|_| ())
}
