//! `POST /doors/{id}/former-locks/{lock_id}/confirm-gone`

use api_types::{ConfirmGone, DoorDetails, Problem as WireProblem};
use axum::response::IntoResponse;
use ids::{DoorId, LockId};

use super::show;
use crate::domain::door_lock;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Confirms, with a reason, that a former lock of a door opens nothing any more: it is gone or broken, or was emptied by
/// hand. What was on it counts as removed (R24). For administrators and the property's managers.
#[utoipa::path(
    post,
    path = "/doors/{id}/former-locks/{lock_id}/confirm-gone",
    operation_id = "doors_confirm_lock_gone",
    tag = "doors",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The door"),
        ("lock_id" = Uuid, Path, description = "Its former lock"),
    ),
    request_body = ConfirmGone,
    responses(
        (status = 200, description = "The door as it is now, with its `ETag`", body = DoorDetails),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 422, description = "`reason_required`, `invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn confirm(
    Web(requester): Web,
    Path((id, lock_id)): Path<(DoorId, LockId)>,
    Json(request): Json<ConfirmGone>,
) -> Result<impl IntoResponse> {
    requester.require_setting_up()?;
    requester.deed(move |deed| door_lock::confirm_gone(deed, id, lock_id, &request.reason)).await?;
    show::read(&requester, id).await
}
