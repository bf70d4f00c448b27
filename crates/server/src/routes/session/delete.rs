//! `DELETE /session`

use api_types::Problem as WireProblem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;
use store::sessions;

use crate::app::App;
use crate::auth::{Web, clear_cookie};
use crate::problem::Result;
use crate::routes::session::event;

/// Signs out: the session is over on the server, and the cookie is taken away.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "session_delete",
    tag = "session",
    security(("session" = [])),
    responses(
        (status = 204, description = "Signed out"),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`cross_site`", body = WireProblem),
    ),
)]
pub(super) async fn delete(State(app): State<App>, Web(caller): Web) -> Result<impl IntoResponse> {
    let mut tx = app.store().begin().await?;
    if sessions::end(&mut tx, caller.session()).await? {
        let mut event = event(&caller, "session.ended");
        event.detail = "Signed out of the console.".into();
        tx.record(app.now(), event).await?;
        tx.commit().await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, clear_cookie())]))
}
