//! `GET /properties/{id}/hubs`

use api_types::ManagedHubs;
use axum::Json;
use ids::PropertyId;
use store::{hubs, properties};

use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// The hubs of a property, by name. For administrators and the property's managers.
#[utoipa::path(
    get,
    path = "/properties/{id}/hubs",
    operation_id = "hubs_list",
    tag = "hubs",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "All of them", body = ManagedHubs),
        Office,
        NotFound,
    ),
)]
pub(super) async fn list(Web(requester): Web, Path(id): Path<PropertyId>) -> Result<Json<ManagedHubs>> {
    let scope = requester.require_setting_up()?;
    let items = requester.read(move |lookup| {
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        Ok(hubs::of_property(lookup.db, scope, id)?)
    });
    let items = items.await?.into_iter().map(view::hub::describe_managed).collect();
    Ok(Json(ManagedHubs { items }))
}
