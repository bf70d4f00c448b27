//! Records that can't be read, for support to deal with. Each is set aside, and everything else carries on.

use api_types::DamagedKind;
use ids::{CodeId, GuestCodeId, IncidentId, PropertyId, TenancyId};
use rusqlite::params;
use uuid::Uuid;

use crate::sql::{self, from_row};
use crate::{Db, Error, Millis, Result, Tx};

/// A damaged record to report.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What it is a record of.
    pub kind: DamagedKind,
    /// Which one.
    pub subject_id: Uuid,
    /// The property, where that can be read.
    pub property_id: Option<PropertyId>,
    /// What can't be read; never a value.
    pub detail: String,
}

impl Incident {
    /// A code whose digits or data can't be read.
    pub fn of_code(id: CodeId, property_id: PropertyId, error: &Error) -> Self {
        Self {
            kind: DamagedKind::Code,
            subject_id: id.uuid(),
            property_id: Some(property_id),
            detail: error.to_string(),
        }
    }

    /// A guest code whose times or data can't be read.
    pub fn of_guest_code(id: GuestCodeId, property_id: Option<PropertyId>, error: &Error) -> Self {
        Self { kind: DamagedKind::GuestCode, subject_id: id.uuid(), property_id, detail: error.to_string() }
    }

    /// The guest code, if the incident is about one.
    pub fn guest_code(&self) -> Option<GuestCodeId> {
        (self.kind == DamagedKind::GuestCode).then_some(GuestCodeId::from_uuid(self.subject_id))
    }

    /// A tenancy that can't be read.
    pub fn of_resident(id: TenancyId, error: &Error) -> Self {
        Self { kind: DamagedKind::Resident, subject_id: id.uuid(), property_id: None, detail: error.to_string() }
    }
}

/// A damaged record that has been reported to support.
#[derive(Clone, Debug)]
pub struct IncidentRecord {
    /// The incident's id.
    pub id: IncidentId,
    /// What it is a record of.
    pub kind: DamagedKind,
    /// Which one.
    pub subject_id: Uuid,
    /// The property, where that can be read.
    pub property_id: Option<PropertyId>,
    /// The property's name.
    pub property: Option<String>,
    /// What can't be read.
    pub detail: String,
    /// When it was found.
    pub found_at: Millis,
}
from_row!(IncidentRecord { id, kind as Named, subject_id, property_id, property, detail, found_at });

impl IncidentRecord {
    /// The code it is about, a resident's or a guest's; `None` if it is about something else.
    pub fn code_id(&self) -> Option<CodeId> {
        matches!(self.kind, DamagedKind::Code | DamagedKind::GuestCode).then(|| CodeId::from_uuid(self.subject_id))
    }

    /// The guest code that was set aside, if it is about one.
    pub fn guest_code(&self) -> Option<GuestCodeId> {
        (self.kind == DamagedKind::GuestCode).then_some(GuestCodeId::from_uuid(self.subject_id))
    }

    /// The tenancy, if it is about one.
    pub fn tenancy_id(&self) -> Option<TenancyId> {
        (self.kind == DamagedKind::Resident).then_some(TenancyId::from_uuid(self.subject_id))
    }
}

/// How many are listed.
const LIST_LIMIT: i64 = 200;

/// Reports a damaged record to support, once. Returns whether it was new.
pub fn insert(tx: &Tx, incident: &Incident, now: Millis) -> Result<bool> {
    let Incident { kind, subject_id, property_id, detail } = incident;
    let sql = "INSERT INTO incident (id, kind, subject_id, property_id, detail, found_at) VALUES (?, ?, ?, ?, ?, ?) \
               ON CONFLICT (kind, subject_id) DO NOTHING";
    Ok(sql::execute(tx, sql, params![IncidentId::generate(), kind.name(), subject_id, property_id, detail, now])? > 0)
}

/// The known damaged records, oldest first.
pub fn list(db: &Db) -> Result<Vec<IncidentRecord>> {
    sql::all(
        db,
        "SELECT incident.id, incident.kind, incident.subject_id, incident.property_id, property.name AS property, \
         incident.detail, incident.found_at FROM incident LEFT JOIN property ON property.id = incident.property_id \
         ORDER BY incident.found_at, incident.id LIMIT ?",
        [LIST_LIMIT],
    )
}

/// Deletes an incident whose record can be read again.
pub fn resolve(tx: &Tx, id: IncidentId) -> Result<()> {
    sql::execute(tx, "DELETE FROM incident WHERE id = ?", [id]).map(|_| ())
}
