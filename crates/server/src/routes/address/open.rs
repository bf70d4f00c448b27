//! `POST /address/open`

use api_types::{Invitation, LinkToken, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;

use crate::app::App;
use crate::domain::address;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, answered};
use crate::routes::responses::ByLink;

/// Which address a link confirms, and whose. Nothing is changed or recorded.
#[utoipa::path(
    post,
    path = "/address/open",
    operation_id = "address_open",
    tag = "me",
    request_body = LinkToken,
    responses(
        (status = 200, description = "Whose it is; the address is the new one", body = Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
    ),
)]
pub(super) async fn open(
    State(app): State<App>,
    anybody: Anybody,
    Json(LinkToken { token }): Json<LinkToken>,
) -> Result<JsonAnswer<Invitation>> {
    answered(&app, anybody, UsedFor::Confirming, &token, address::open).await.map(JsonAnswer)
}
