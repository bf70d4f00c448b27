//! `POST /doors/{id}/send-again`

use api_types::{Problem as WireProblem, SentAgain};
use axum::Json;
use ids::DoorId;

use crate::domain::door_lock;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Tries again now whatever isn’t right on a door’s locks: what failed, and what waits (R28). For administrators and the
/// property's managers.
#[utoipa::path(
    post,
    path = "/doors/{id}/send-again",
    operation_id = "doors_send_again",
    tag = "doors",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The door")),
    responses(
        (status = 200, description = "It is tried now", body = SentAgain),
        OfficeChange,
        NotFound,
        (status = 409, description = "`no_lock_linked`", body = WireProblem),
    ),
)]
pub(super) async fn send_again(Web(requester): Web, Path(id): Path<DoorId>) -> Result<Json<SentAgain>> {
    requester.require_setting_up()?;
    let (codes, hubs) = requester.deed(move |deed| door_lock::send_again(deed, id)).await?;
    requester.app().hubs().try_again(&hubs);
    Ok(Json(SentAgain { codes }))
}
