//! Properties.

use api_types::{LayoutImport, NewProperty, Page, Property, PropertyEdit, PropertyInBrief, RosterImport};
use ids::PropertyId;

use super::{ApiError, BASE, ETag, IdempotencyKey, Tagged, client};
use crate::{early::ALL, query::Query};

/// The properties that the caller may see (R33), in brief.
pub async fn list(cursor: Option<String>) -> Result<Page<PropertyInBrief>, ApiError> {
    client::get(&Query::new().with("limit", ALL).with_some("cursor", cursor.as_deref()).on("/properties")).await
}

/// Adds a property.
pub async fn add(new: &NewProperty, key: &IdempotencyKey) -> Result<Property, ApiError> {
    client::post_once("/properties", Some(new), key).await
}

/// What importing these buildings, units and doors would do; nothing is stored.
pub async fn layout_dry_run(id: PropertyId, csv: String) -> Result<LayoutImport, ApiError> {
    client::post_text(&Query::new().with("dry_run", "true").on(&path(id, "/layout")), "text/csv", csv, None).await
}

/// Adds buildings, units and doors from CSV, all or nothing.
pub async fn layout_import(id: PropertyId, csv: String, key: &IdempotencyKey) -> Result<LayoutImport, ApiError> {
    client::post_text(&path(id, "/layout"), "text/csv", csv, Some(key)).await
}

/// One property, with the version that an edit needs.
pub async fn get(id: PropertyId) -> Result<Tagged<Property>, ApiError> {
    client::get_tagged(&path(id, "")).await
}

/// One property in brief.
pub async fn get_in_brief(id: PropertyId) -> Result<PropertyInBrief, ApiError> {
    client::get(&path(id, "")).await
}

/// Changes what is set for a property. `stale` if somebody changed the property since it was read.
pub async fn edit(id: PropertyId, edit: &PropertyEdit, if_match: Option<&ETag>) -> Result<Tagged<Property>, ApiError> {
    client::patch(&path(id, ""), edit, if_match).await
}

/// The same, of which only the property in brief is read.
pub async fn edit_in_brief(
    id: PropertyId,
    edit: &PropertyEdit,
    if_match: Option<&ETag>,
) -> Result<PropertyInBrief, ApiError> {
    let edited: Tagged<PropertyInBrief> = client::patch(&path(id, ""), edit, if_match).await?;
    Ok(edited.value)
}

/// What importing this CSV would do; nothing is stored. `move_out_past` accepts last days in the past.
pub async fn roster_dry_run(id: PropertyId, csv: String, move_out_past: bool) -> Result<RosterImport, ApiError> {
    let query = roster_query(move_out_past).with("dry_run", "true");
    client::post_text(&query.on(&path(id, "/roster")), "text/csv", csv, None).await
}

/// Imports residents from CSV, all or nothing. With `move_out_past`, a last day in the past moves a resident out at
/// once.
pub async fn roster_import(
    id: PropertyId,
    csv: String,
    move_out_past: bool,
    key: &IdempotencyKey,
) -> Result<RosterImport, ApiError> {
    client::post_text(&roster_query(move_out_past).on(&path(id, "/roster")), "text/csv", csv, Some(key)).await
}

fn roster_query(move_out_past: bool) -> Query {
    Query::new().with_some("move_out_past", move_out_past.then_some("yes"))
}

/// `/properties/{id}` and what follows.
pub(super) fn path(id: PropertyId, rest: &str) -> String {
    ["/properties/", &id.to_string(), rest].concat()
}

/// The address of the exported roster: the `href` of a link with `download` and `rel="external"`.
pub fn roster_url(id: PropertyId) -> String {
    [BASE, &path(id, "/roster")].concat()
}
