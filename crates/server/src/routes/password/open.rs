//! `POST /password/open`

use api_types::{Invitation, LinkToken, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};

use crate::app::App;
use crate::auth::reached_as;
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
    headers: HeaderMap,
    uri: Uri,
    Json(LinkToken { token }): Json<LinkToken>,
) -> Result<JsonAnswer<Invitation>> {
    let found = answered(&app, anybody, UsedFor::Resetting, &token, password::open).await?;
    let passkeys = app.passkeys().work_for(reached_as(&headers, &uri).as_deref());
    Ok(JsonAnswer(Invitation { passkeys, ..found }))
}
