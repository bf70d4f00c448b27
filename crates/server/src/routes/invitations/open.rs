//! `POST /invitations/open`

use api_types::{Invitation, InvitationRequest, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};

use crate::app::App;
use crate::auth::reached_as;
use crate::domain::invitation;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, answered};
use crate::routes::responses::ByLink;

/// Whom an invitation is for. Nothing is changed or recorded.
#[utoipa::path(
    post,
    path = "/invitations/open",
    operation_id = "invitations_open",
    tag = "people",
    request_body = InvitationRequest,
    responses(
        (status = 200, description = "Whom it is for", body = Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
    ),
)]
pub(super) async fn open(
    State(app): State<App>,
    anybody: Anybody,
    headers: HeaderMap,
    uri: Uri,
    Json(InvitationRequest { token }): Json<InvitationRequest>,
) -> Result<JsonAnswer<Invitation>> {
    let found = answered(&app, anybody, UsedFor::Invitation, &token, invitation::open).await?;
    let passkeys = app.passkeys().work_for(reached_as(&headers, &uri).as_deref());
    Ok(JsonAnswer(Invitation { passkeys, ..found }))
}
