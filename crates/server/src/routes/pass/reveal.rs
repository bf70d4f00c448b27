//! `POST /pass/reveal`

use api_types::{PassRequest, Problem as WireProblem, RevealedCode};
use axum::Json as JsonAnswer;
use axum::extract::State;

use crate::app::App;
use crate::domain::{pass, reveal};
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, with_secret};
use crate::routes::responses::ByLink;

/// Shows the digits to a guest with a link, from the beginning of its first window to the end of its last. It goes on
/// record first. Looking doesn't use a delivery code up.
#[utoipa::path(
    post,
    path = "/pass/reveal",
    operation_id = "pass_reveal",
    tag = "pass",
    request_body = PassRequest,
    responses(
        (status = 200, description = "The digits, to be hidden again after `hide_after_s`", body = RevealedCode),
        ByLink,
        (status = 409, description = "`pass_not_live`: it begins later, in `retry_after_s`", body = WireProblem),
    ),
)]
pub(super) async fn reveal(
    State(app): State<App>,
    anybody: Anybody,
    Json(PassRequest { secret }): Json<PassRequest>,
) -> Result<JsonAnswer<RevealedCode>> {
    let code = with_secret(&app, anybody, UsedFor::PassRevealing, &secret, pass::reveal).await?;
    Ok(JsonAnswer(RevealedCode { code: code.expose().to_owned(), hide_after_s: reveal::HIDE_AFTER_S }))
}
