//! `GET /properties/{id}`

use api_types::Property;
use axum::Json;
use axum::response::IntoResponse;
use ids::PropertyId;
use store::{Scope, properties};

use crate::domain::lookup::Lookup;
use crate::extract::{Path, etag_header};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// One property, with its counts, the health of its hubs and locks, and what needs somebody.
#[utoipa::path(
    get,
    path = "/properties/{id}",
    operation_id = "properties_show",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "With its `ETag`", body = Property),
        Office,
        NotFound,
    ),
)]
pub(super) async fn show(Web(requester): Web, Path(id): Path<PropertyId>) -> Result<impl IntoResponse> {
    let scope = requester.require_property_reader()?;
    let (version, property) = requester.read(move |lookup| find(lookup, scope, id)).await?;
    Ok((etag_header(version), Json(property)))
}

/// A property as it is now, with its version.
pub(super) fn find(lookup: &Lookup<'_>, scope: Scope, id: PropertyId) -> Result<(i64, Property)> {
    let record = properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
    Ok((record.version, view::property::describe_for(lookup.authority, lookup.db, record, lookup.now)?))
}
