//! `GET /session`

use api_types::Session;
use axum::Json;

use crate::requester::Web;
use crate::routes::responses::SignedIn;
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
        SignedIn,
    ),
)]
pub(super) async fn show(Web(requester): Web) -> Json<Session> {
    Json(Session {
        user: requester.authority().user(),
        expires_at: instant(requester.expires_at()),
        demo: requester.app().demo(),
    })
}
