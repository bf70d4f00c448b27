//! Doors of a property.

use api_types::{Door, Page};
use ids::PropertyId;

use super::{ApiError, client, properties::path};
use crate::{early::ALL, query::Query};

/// One page of a property's doors with their locks: all of them, or those that the overview counts
/// ([`crate::query::COUNTED`]).
pub async fn list(property: PropertyId, counted: Query, cursor: Option<String>) -> Result<Page<Door>, ApiError> {
    let query = counted.with("limit", ALL).with_some("cursor", cursor.as_deref());
    client::get(&query.on(&path(property, "/doors"))).await
}

/// Every door of a property that is in use.
pub async fn all(property: PropertyId) -> Result<Vec<Door>, ApiError> {
    all_counted(property, Query::new().with("retired", "false")).await
}

/// Every door of a property that the overview counts.
pub async fn all_counted(property: PropertyId, counted: Query) -> Result<Vec<Door>, ApiError> {
    let mut doors = Vec::new();
    let mut cursor = None;
    loop {
        let page = list(property, counted.clone(), cursor).await?;
        doors.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(doors);
        }
    }
}
