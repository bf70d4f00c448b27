//! `GET /me/sessions`

use api_types::{MySession, MySessions, Problem as WireProblem};
use axum::Json;
use axum::extract::State;
use store::sessions;

use crate::app::App;
use crate::auth::Web;
use crate::problem::Result;
use crate::view::time::instant;

/// Where one is signed in, newest first: sessions of the console and tokens of the app, at most 200.
#[utoipa::path(
    get,
    path = "/me/sessions",
    operation_id = "me_sessions_list",
    tag = "me",
    security(("session" = [])),
    responses(
        (status = 200, description = "Newest first", body = MySessions),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`not_on_mobile`", body = WireProblem),
    ),
)]
pub(super) async fn list(State(app): State<App>, Web(caller): Web) -> Result<Json<MySessions>> {
    let (person_id, asking, now) = (caller.person_id, *caller.session(), app.now());
    let records = app.store().read(move |db| sessions::list(db, person_id, &asking, now)).await?;
    let items = records.into_iter().map(|record| MySession {
        id: record.id,
        current: record.current,
        channel: record.channel(),
        browser: record.browser,
        created_at: instant(record.created_at),
        last_seen_at: instant(record.last_seen_at),
        expires_at: instant(record.expires_at),
    });
    Ok(Json(MySessions { items: items.collect() }))
}
