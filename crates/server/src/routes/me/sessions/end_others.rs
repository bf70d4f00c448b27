//! `DELETE /me/sessions`

use api_types::{EndedSessions, Problem as WireProblem};
use axum::Json;
use axum::extract::State;
use store::sessions;

use crate::app::App;
use crate::auth::Web;
use crate::problem::Result;
use crate::routes::session::event;

/// Signs one out everywhere else: every other session of the console and every token of the app ends.
#[utoipa::path(
    delete,
    path = "/me/sessions",
    operation_id = "me_sessions_end_others",
    tag = "me",
    security(("session" = [])),
    responses(
        (status = 200, description = "How many there were; the session that asks goes on", body = EndedSessions),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`cross_site`, `not_on_mobile`", body = WireProblem),
    ),
)]
pub(super) async fn end_others(State(app): State<App>, Web(caller): Web) -> Result<Json<EndedSessions>> {
    let now = app.now();
    let mut tx = app.store().begin().await?;
    let ended = sessions::end_others_of(&mut tx, caller.person_id, caller.session(), now).await?;
    let mut event = event(&caller, "session.others_ended");
    event.detail = match ended {
        0 => "Signed in nowhere else.".into(),
        1 => "Signed out in one other place.".into(),
        n => format!("Signed out in {n} other places."),
    };
    tx.record(now, event).await?;
    tx.commit().await?;
    Ok(Json(EndedSessions { ended }))
}
