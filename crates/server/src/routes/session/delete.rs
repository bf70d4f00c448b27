//! `DELETE /session`

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::auth::{SessionCookies, Via};
use crate::domain::session;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::Change;

/// Signs out: the session or token is over on the server, and a session's cookie is taken away.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "session_delete",
    tag = "session",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 204, description = "Signed out"),
        Change,
    ),
)]
pub(super) async fn delete(cookies: SessionCookies, WebOrMobile(requester): WebOrMobile) -> Result<Response> {
    let current = *requester.session();
    requester.deed(move |deed| session::end_this(deed, &current)).await?;
    Ok(match requester.authority().via {
        Via::Web => (StatusCode::NO_CONTENT, cookies.clear()).into_response(),
        Via::Mobile(_) => StatusCode::NO_CONTENT.into_response(),
    })
}
