//! `GET /properties`

use api_types::{Page, Property};
use axum::Json;
use store::properties;

use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::Office;
use crate::view;

/// The properties that the caller manages, or all of them for support.
#[utoipa::path(
    get,
    path = "/properties",
    operation_id = "properties_list",
    tag = "properties",
    security(("session" = [])),
    responses(
        (status = 200, description = "By name, at most 200", body = Page<Property>),
        Office,
    ),
)]
pub(super) async fn list(Web(requester): Web) -> Result<Json<Page<Property>>> {
    let scope = requester.require_property_reader()?;
    let items = requester.read(move |lookup| {
        let records = properties::list(lookup.db, scope)?.into_iter();
        Ok(records
            .map(|record| view::property::describe_for(lookup.authority, lookup.db, record, lookup.now))
            .collect::<store::Result<_>>()?)
    });
    Ok(Json(Page { items: items.await?, next_cursor: None }))
}
