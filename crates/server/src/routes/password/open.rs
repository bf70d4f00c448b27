//! `POST /password/open`

use api_types::{Invitation, LinkToken, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;

use crate::app::App;
use crate::domain::password;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, answered};
use crate::routes::responses::ByLink;

/// Whose password a link sets. Nothing is changed or recorded.
#[utoipa::path(
    post,
    path = "/password/open",
    operation_id = "password_open",
    tag = "session",
    request_body = LinkToken,
    responses(
        (status = 200, description = "Whose it is", body = Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
    ),
)]
pub(super) async fn open(
    State(app): State<App>,
    anybody: Anybody,
    Json(LinkToken { token }): Json<LinkToken>,
) -> Result<JsonAnswer<Invitation>> {
    answered(&app, anybody, UsedFor::Resetting, &token, password::open).await.map(JsonAnswer)
}
