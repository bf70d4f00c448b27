//! `POST /doors/{id}/unknown-codes/{slot}/clear`

use api_types::{ClearCode, DoorDetails, Problem as WireProblem};
use axum::response::IntoResponse;
use ids::DoorId;

use super::show;
use crate::domain::door_lock;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Has a slot of a door's lock emptied that holds a code which isn’t from here, with a reason. Until the lock confirms that,
/// the code opens the door. For administrators and the property's managers.
#[utoipa::path(
    post,
    path = "/doors/{id}/unknown-codes/{slot}/clear",
    operation_id = "doors_clear_unknown_code",
    tag = "doors",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The door"),
        ("slot" = u16, Path, description = "The slot of its lock"),
    ),
    request_body = ClearCode,
    responses(
        (status = 200, description = "The door as it is now, with its `ETag`", body = DoorDetails),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 422, description = "`reason_required`, `invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn clear(
    Web(requester): Web,
    Path((id, slot)): Path<(DoorId, u16)>,
    Json(request): Json<ClearCode>,
) -> Result<impl IntoResponse> {
    requester.require_setting_up()?;
    requester.deed(move |deed| door_lock::clear_unknown_code(deed, id, slot, &request.reason)).await?;
    show::read(&requester, id).await
}
