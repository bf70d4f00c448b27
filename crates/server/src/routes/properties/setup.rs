//! `GET /properties/{id}/setup`

use api_types::Setup;
use axum::Json;
use ids::PropertyId;
use store::properties;

use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// The steps of setting up a property, with what is still missing. For administrators and the property's managers.
#[utoipa::path(
    get,
    path = "/properties/{id}/setup",
    operation_id = "properties_setup",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "Every step, in the usual order", body = Setup),
        Office,
        NotFound,
    ),
)]
pub(super) async fn setup(Web(requester): Web, Path(id): Path<PropertyId>) -> Result<Json<Setup>> {
    let scope = requester.require_setting_up()?;
    let steps = requester.read(move |lookup| {
        let property = properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        Ok(view::setup::steps(lookup.db, &property)?)
    });
    Ok(Json(Setup { steps: steps.await? }))
}
