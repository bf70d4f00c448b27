//! `DELETE /session`

use axum::http::StatusCode;
use axum::response::IntoResponse;

use crate::auth::SessionCookies;
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
pub(super) async fn delete(cookies: SessionCookies, Web(requester): Web) -> Result<impl IntoResponse> {
    let current = *requester.session();
    requester.deed(move |deed| session::end_this(deed, &current)).await?;
    Ok((StatusCode::NO_CONTENT, cookies.clear()))
}
