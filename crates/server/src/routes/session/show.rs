//! `GET /session`

use api_types::{Problem, Session};
use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::auth::Web;
use crate::view::time::instant;

/// Who is signed in to the console.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "session_show",
    tag = "session",
    security(("session" = [])),
    responses(
        (status = 200, description = "Who is signed in", body = Session),
        (status = 401, description = "`signed_out`", body = Problem),
    ),
)]
pub(super) async fn show(State(app): State<App>, Web(caller): Web) -> Json<Session> {
    Json(Session { user: caller.user(), expires_at: instant(caller.expires_at), demo: app.demo() })
}
