//! Buildings, units and doors (R36).

use api_types::{LayoutEdit, LayoutKind, LayoutPart, Page, Retirement};
use ids::PropertyId;

use super::{ApiError, ETag, IdempotencyKey, Tagged, client, properties::path};
use crate::{early::ALL, query::Query};

/// Which parts of a layout to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayoutQuery {
    /// Buildings, units or doors; empty for all three.
    pub kind: String,
    /// Parts of a name.
    pub q: String,
    /// `true` for what is retired.
    pub retired: String,
}

/// A page of a property's layout.
pub async fn list(
    property: PropertyId,
    query: &LayoutQuery,
    cursor: Option<String>,
) -> Result<Page<LayoutPart>, ApiError> {
    let LayoutQuery { kind, q, retired } = query;
    let query = Query::new().with("kind", kind).with("q", q).with("retired", retired).page(cursor.as_deref());
    client::get(&query.on(&path(property, "/layout"))).await
}

/// The buildings that are in use.
pub async fn buildings(property: PropertyId) -> Result<Vec<LayoutPart>, ApiError> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let query = Query::new().with("kind", LayoutKind::Building.name()).with("limit", ALL);
        let query = query.with_some("cursor", cursor.as_deref());
        let page: Page<LayoutPart> = client::get(&query.on(&path(property, "/layout"))).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// The address of a part.
fn address(part: &LayoutPart) -> String {
    let kind = match part.kind {
        LayoutKind::Building => "/buildings/",
        LayoutKind::Unit => "/units/",
        LayoutKind::Door => "/doors/",
    };
    [kind, &part.id.to_string()].concat()
}

/// Changes a part as it was read.
pub async fn edit(part: &LayoutPart, edit: &LayoutEdit) -> Result<LayoutPart, ApiError> {
    let etag = ETag::of_item(&part.etag);
    let edited: Tagged<LayoutPart> =
        client::patch(&address(part), edit, Some(&etag)).await.map_err(ApiError::of_layout)?;
    Ok(edited.value)
}

/// What retiring a part would do; nothing is changed.
pub async fn retirement(part: &LayoutPart) -> Result<Retirement, ApiError> {
    client::delete_for(&Query::new().with("dry_run", "true").on(&address(part))).await.map_err(ApiError::of_layout)
}

/// Retires a part, or deletes it if it has no history.
pub async fn retire(part: &LayoutPart, key: &IdempotencyKey) -> Result<Retirement, ApiError> {
    client::delete_once(&address(part), key).await.map_err(ApiError::of_layout)
}
