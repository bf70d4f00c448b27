//! `DELETE /hubs/{id}`

use api_types::Problem as WireProblem;
use axum::http::StatusCode;
use ids::HubId;

use crate::domain::hub;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Removes a hub that no lock is linked to. For administrators and the property's managers.
///
/// Its address and its token are forgotten; its name stays in the record. Asked twice, it is not found the second time.
#[utoipa::path(
    delete,
    path = "/hubs/{id}",
    operation_id = "hubs_remove",
    tag = "hubs",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The hub")),
    responses(
        (status = 204, description = "Removed"),
        OfficeChange,
        NotFound,
        (status = 409, description = "`hub_in_use`", body = WireProblem),
    ),
)]
pub(super) async fn remove(Web(requester): Web, Path(id): Path<HubId>) -> Result<StatusCode> {
    requester.require_setting_up()?;
    requester.deed(move |deed| hub::remove(deed, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
