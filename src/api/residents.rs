//! Residents of a property.

use api_types::{MoveOut, Page, Resident};
use uuid::Uuid;

use super::{ApiError, IdempotencyKey, client, properties::path};
use crate::query::Query;

/// Which residents, in which order. Empty fields don't restrict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResidentsQuery {
    /// Words of the name or the unit.
    pub q: String,
    /// Exactly this unit.
    pub unit: String,
    /// `random` or `custom`.
    pub origin: String,
    /// A [`api_types::PlacementStatus`] by name.
    pub status: String,
    /// A column, with `-` before it for descending: `name`, `-changed_at`.
    pub sort: String,
}

/// One page of a property's residents. Never digits (R30).
pub async fn list(property: Uuid, query: &ResidentsQuery, cursor: Option<String>) -> Result<Page<Resident>, ApiError> {
    let query = Query::new()
        .with("q", query.q.trim())
        .with("unit", &query.unit)
        .with("origin", &query.origin)
        .with("status", &query.status)
        .with("sort", &query.sort)
        .with_some("cursor", cursor.as_deref());
    client::get(&query.on(&path(property, "/residents"))).await
}

/// Ends a tenancy: revokes everything of it. The same key answers how far the doors are.
pub async fn move_out(property: Uuid, resident: Uuid, key: &IdempotencyKey) -> Result<MoveOut, ApiError> {
    let rest = ["/residents/", &resident.to_string(), "/move-out"].concat();
    client::post_once(&path(property, &rest), None::<&()>, key).await
}
