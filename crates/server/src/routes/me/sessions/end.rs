//! `DELETE /me/sessions/{id}`

use api_types::Problem as WireProblem;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ids::SessionId;

use crate::auth::{SessionCookies, Via};
use crate::domain::session;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::OwnSessionsChange;

/// Signs one out where that session or token is used; it may be the very session that asks.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    operation_id = "me_sessions_end",
    tag = "me",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "One of one's own sessions, by the id of the list")),
    responses(
        (status = 204, description = "Signed out there; of the session that asks the cookie is taken away too"),
        OwnSessionsChange,
        (status = 404, description = "`not_found`: over already, or not one's own", body = WireProblem),
    ),
)]
pub(super) async fn end(
    cookies: SessionCookies,
    WebOrMobile(requester): WebOrMobile,
    Path(id): Path<SessionId>,
) -> Result<Response> {
    let current = *requester.session();
    let signed_out_here = requester.deed(move |deed| session::end_one(deed, &current, id)).await?;
    Ok(if signed_out_here && requester.authority().via == Via::Web {
        (StatusCode::NO_CONTENT, cookies.clear()).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}
