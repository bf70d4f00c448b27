//! `POST /address/confirm`

use api_types::{Invitation, LinkToken, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::App;
use crate::domain::address;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, with_secret};
use crate::routes::responses::ByLink;

/// Confirms an address by the link that was sent there: from now on its person signs in with it. The link works once, and they
/// are told at the old address.
#[utoipa::path(
    post,
    path = "/address/confirm",
    operation_id = "address_confirm",
    tag = "me",
    request_body = LinkToken,
    responses(
        (status = 200, description = "Confirmed; the address is the new one", body = Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
    ),
)]
pub(super) async fn confirm(
    State(app): State<App>,
    anybody: Anybody,
    headers: HeaderMap,
    Json(LinkToken { token }): Json<LinkToken>,
) -> Result<JsonAnswer<Invitation>> {
    let post = app.post(&headers);
    let confirmed = with_secret(&app, anybody, UsedFor::Confirming, &token, move |tx, secret, now| {
        address::confirm(tx, secret, post, now)
    });
    confirmed.await.map(JsonAnswer)
}
