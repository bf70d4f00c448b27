//! `POST /simulator/doors/{id}/keypad`

use ::hub::KeypadResult;
use axum::Json as JsonAnswer;
use ids::DoorId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{DemonstrationOnly, OfficeChange};

/// What somebody types. No `Debug`: it may be a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The digits.
    #[schema(value_type = String)]
    digits: Zeroizing<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Opened {
    /// The door opened.
    opened: bool,
}

/// Types digits at a simulated lock's keypad.
#[utoipa::path(
    post,
    path = "/simulator/doors/{id}/keypad",
    operation_id = "simulator_keypad_press",
    tag = "simulator",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The door")),
    request_body = Keys,
    responses(
        (status = 200, description = "Whether it opened", body = Opened),
        OfficeChange,
        DemonstrationOnly,
    ),
)]
pub(super) async fn press(
    Web(requester): Web,
    Path(id): Path<DoorId>,
    Json(keys): Json<Keys>,
) -> Result<JsonAnswer<Opened>> {
    let door = super::door(&requester, id).await?;
    let simulator = requester.app().hubs().simulator(door.hub_id).ok_or_else(Problem::not_found)?;
    let result = simulator.press_keypad(door.lock_id, &keys.digits);
    Ok(JsonAnswer(Opened { opened: matches!(result, KeypadResult::Opened(_)) }))
}
