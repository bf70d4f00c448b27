//! `DELETE /session`

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;

use crate::auth::clear_cookie;
use crate::domain::session;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::Change;

/// Signs out: the session is over on the server, and the cookie is taken away.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "session_delete",
    tag = "session",
    security(("session" = [])),
    responses(
        (status = 204, description = "Signed out"),
        Change,
    ),
)]
pub(super) async fn delete(Web(requester): Web) -> Result<impl IntoResponse> {
    let current = *requester.session();
    requester.deed(move |deed| session::end_this(deed, &current)).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, clear_cookie())]))
}
