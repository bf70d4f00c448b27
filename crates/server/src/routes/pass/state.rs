//! `POST /pass/state`

use api_types::{PassRequest, PassState};
use axum::Json as JsonAnswer;
use axum::extract::State;

use crate::app::App;
use crate::domain::pass;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, answered};
use crate::routes::responses::ByLink;

/// What can change on a pass that is open: whether it has begun, its next windows, and whether the locks have the code.
///
/// For a page that shows the pass and asks every few seconds. It doesn't count as opening the link and isn't recorded.
/// Once the link or its code is over, the answer is the same as for a secret that never was one.
#[utoipa::path(
    post,
    path = "/pass/state",
    operation_id = "pass_state",
    tag = "pass",
    request_body = PassRequest,
    responses(
        (status = 200, description = "As of now", body = PassState),
        ByLink,
    ),
)]
pub(super) async fn state(
    State(app): State<App>,
    anybody: Anybody,
    Json(PassRequest { secret }): Json<PassRequest>,
) -> Result<JsonAnswer<PassState>> {
    answered(&app, anybody, UsedFor::PassOpening, &secret, pass::state).await.map(JsonAnswer)
}
