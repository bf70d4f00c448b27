//! The audit log (R31).

use api_types::{AuditEvent, AuditVerification, Page};
use ids::{EventId, TenancyId};

use super::{ApiError, BASE, client};
use crate::query::Query;

/// A selection of events. Empty fields don't restrict it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditQuery {
    /// Who acted: an id.
    pub actor: String,
    /// An action or the beginning of one: `guest_code.issued`.
    pub action: String,
    /// A property's id.
    pub property: String,
    /// A tenancy's id.
    pub resident: String,
    /// A door's id.
    pub door: String,
    /// An [`api_types::Outcome`] by its name on the wire.
    pub outcome: String,
    /// Words to search for.
    pub q: String,
    /// Instant: at or after.
    pub from: String,
    /// Instant: before.
    pub to: String,
    /// Whether what belongs together is one entry.
    pub grouped: bool,
}

impl AuditQuery {
    fn query(&self) -> Query {
        Query::new()
            .with("grouped", if self.grouped { "true" } else { "" })
            .with("actor", &self.actor)
            .with("action", &self.action)
            .with("property", &self.property)
            .with("resident", &self.resident)
            .with("door", &self.door)
            .with("outcome", &self.outcome)
            .with("q", self.q.trim())
            .with("from", &self.from)
            .with("to", &self.to)
    }
}

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180, for spreadsheets.
    Csv,
    /// One JSON object per line, for programs.
    Ndjson,
}

/// One page of events, newest first.
pub async fn list(query: &AuditQuery, cursor: Option<String>) -> Result<Page<AuditEvent>, ApiError> {
    client::get(&query.query().page(cursor.as_deref()).on("/audit")).await
}

/// The `count` newest events about a tenancy.
pub async fn newest_of(resident: TenancyId, count: usize) -> Result<Vec<AuditEvent>, ApiError> {
    let query = Query::new().with("resident", &resident.to_string()).with("limit", &count.to_string());
    let page: Page<AuditEvent> = client::get(&query.on("/audit")).await?;
    Ok(page.items)
}

/// One event, with the policy's checklist as it was then.
pub async fn get(id: EventId) -> Result<AuditEvent, ApiError> {
    client::get(&address(id)).await
}

/// A page of what belongs to an event, the oldest first.
pub async fn parts(id: EventId, cursor: Option<String>) -> Result<Page<AuditEvent>, ApiError> {
    client::get(&Query::new().page(cursor.as_deref()).on(&[&address(id), "/parts"].concat())).await
}

/// Requests an event that somebody is about to open, for [`get`] to use.
pub fn prefetch(id: EventId) {
    client::prefetch(&address(id));
}

fn address(id: EventId) -> String {
    ["/audit/", &id.to_string()].concat()
}

/// Has the server recompute the hash chain from the first event on.
pub async fn verify() -> Result<AuditVerification, ApiError> {
    client::get("/audit/verify").await
}

/// The address of an export of these events: the `href` of a link with `download` and `rel="external"`.
pub fn export_url(query: &AuditQuery, format: ExportFormat) -> String {
    let format = match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Ndjson => "ndjson",
    };
    // Every event by itself.
    let query = AuditQuery { grouped: false, ..query.clone() };
    [BASE, &query.query().with("format", format).on("/audit/export")].concat()
}
