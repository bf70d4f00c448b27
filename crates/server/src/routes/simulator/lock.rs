//! `POST /simulator/doors/{id}/lock`

use axum::http::StatusCode;
use ids::DoorId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{DemonstrationOnly, OfficeChange};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Presence {
    /// It answers, or it doesn't.
    pub(super) online: bool,
}

/// Takes the battery out of a simulated lock, or puts it in.
#[utoipa::path(
    post,
    path = "/simulator/doors/{id}/lock",
    operation_id = "simulator_lock_set",
    tag = "simulator",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The door")),
    request_body = Presence,
    responses(
        (status = 204, description = "Done"),
        OfficeChange,
        DemonstrationOnly,
    ),
)]
pub(super) async fn set(
    Web(requester): Web,
    Path(id): Path<DoorId>,
    Json(presence): Json<Presence>,
) -> Result<StatusCode> {
    let door = super::door(&requester, id).await?;
    let simulator = requester.app().hubs().simulator(door.hub_id).ok_or_else(Problem::not_found)?;
    simulator.set_lock_online(door.lock_id, presence.online);
    Ok(StatusCode::NO_CONTENT)
}
