//! `DELETE /me/sessions/{id}`

use api_types::{ChannelKind, Problem as WireProblem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use store::sessions;
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Web, clear_cookie};
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::routes::session::event;

/// Signs one out where that session or token is used; it may be the very session that asks.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    operation_id = "me_sessions_end",
    tag = "me",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "One of one's own sessions, by the id of the list")),
    responses(
        (status = 204, description = "Signed out there; of the session that asks the cookie is taken away too"),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`cross_site`, `not_on_mobile`", body = WireProblem),
        (status = 404, description = "`not_found`: over already, or not one's own", body = WireProblem),
    ),
)]
pub(super) async fn end(State(app): State<App>, Web(caller): Web, Path(id): Path<Uuid>) -> Result<Response> {
    let now = app.now();
    let mut tx = app.store().begin().await?;
    let ended = sessions::end_one_of(&mut tx, caller.person_id, id, caller.session(), now).await?;
    let ended = ended.ok_or_else(Problem::not_found)?;
    let mobile = ended.channel()?.kind == ChannelKind::Mobile;
    let mut event = event(&caller, if mobile { "mobile_token.ended" } else { "session.ended" });
    event.detail = match (ended.current, mobile, &ended.browser) {
        (true, ..) => "Signed out of the console.".into(),
        (_, true, _) => "Signed out of the app, from the console.".into(),
        (_, _, Some(browser)) => format!("Signed out of the console in {browser}, from another session."),
        (_, _, None) => "Signed out of the console elsewhere, from another session.".into(),
    };
    tx.record(now, event).await?;
    tx.commit().await?;
    Ok(if ended.current {
        (StatusCode::NO_CONTENT, [(SET_COOKIE, clear_cookie())]).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}
