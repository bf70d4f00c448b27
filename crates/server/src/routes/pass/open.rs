//! `POST /pass`

use api_types::{GuestPass, PassRequest};
use axum::Json as JsonAnswer;
use axum::extract::State;

use crate::app::App;
use crate::domain::pass;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, with_secret};
use crate::routes::responses::ByLink;

/// What a guest's link shows, without digits: the doors, the times, and whether the locks have the code.
///
/// For whoever has the link's secret, signed in or not. That it was opened is on record. A link that was revoked or
/// whose code is over and a secret that never was one get the same answer. After many of those the next has to wait.
#[utoipa::path(
    post,
    path = "/pass",
    operation_id = "pass_open",
    tag = "pass",
    request_body = PassRequest,
    responses(
        (status = 200, description = "As of now", body = GuestPass),
        ByLink,
    ),
)]
pub(super) async fn open(
    State(app): State<App>,
    anybody: Anybody,
    Json(PassRequest { secret }): Json<PassRequest>,
) -> Result<JsonAnswer<GuestPass>> {
    with_secret(&app, anybody, UsedFor::PassOpening, &secret, pass::open).await.map(JsonAnswer)
}
