//! `PUT /properties/{id}/summary`

use api_types::{Problem as WireProblem, SummaryChoice};
use axum::http::StatusCode;
use ids::PropertyId;

use crate::domain::summary;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Chooses whether one gets the property's daily summary by mail: what needs attention, at the time that is set for the
/// property. For its managers, each of whom gets it until they choose otherwise.
#[utoipa::path(
    put,
    path = "/properties/{id}/summary",
    operation_id = "properties_choose_summary",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    request_body = SummaryChoice,
    responses(
        (status = 204, description = "It is so"),
        OfficeChange,
        NotFound,
        (status = 422, description = "`unknown_field`, `invalid`", body = WireProblem),
    ),
)]
pub(super) async fn choose(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Json(SummaryChoice { wanted }): Json<SummaryChoice>,
) -> Result<StatusCode> {
    requester.require_manager()?;
    requester.deed(move |deed| summary::choose(deed, id, wanted)).await?;
    Ok(StatusCode::NO_CONTENT)
}
