//! `POST /simulator/hubs/{id}`

use axum::http::StatusCode;
use ids::HubId;
use store::{doors, properties};

use super::lock::Presence;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{DemonstrationOnly, OfficeChange};

/// Cuts a simulated hub off the network, or connects it.
#[utoipa::path(
    post,
    path = "/simulator/hubs/{id}",
    operation_id = "simulator_hub_set",
    tag = "simulator",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The hub")),
    request_body = Presence,
    responses(
        (status = 204, description = "Done"),
        OfficeChange,
        DemonstrationOnly,
    ),
)]
pub(super) async fn set(
    Web(requester): Web,
    Path(id): Path<HubId>,
    Json(presence): Json<Presence>,
) -> Result<StatusCode> {
    let app = requester.app();
    if !app.demo() {
        return Err(Problem::not_found());
    }
    let scope = requester.require_manager()?;
    requester
        .read(move |lookup| {
            let (property_id, _) = doors::hub_name(lookup.db, id)?.ok_or_else(Problem::not_found)?;
            properties::get(lookup.db, scope, property_id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    app.hubs().simulator(id).ok_or_else(Problem::not_found)?.set_hub_online(presence.online);
    Ok(StatusCode::NO_CONTENT)
}
