//! `GET /me/sessions`

use api_types::{MySession, MySessions};
use axum::Json;
use store::sessions;

use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::SignedIn;
use crate::view::time::instant;

/// Where one is signed in, newest first: sessions of the console and tokens of the app, at most 200.
#[utoipa::path(
    get,
    path = "/me/sessions",
    operation_id = "me_sessions_list",
    tag = "me",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "Newest first", body = MySessions),
        SignedIn,
    ),
)]
pub(super) async fn list(WebOrMobile(requester): WebOrMobile) -> Result<Json<MySessions>> {
    let current = *requester.session();
    let records =
        requester.read(move |lookup| Ok(sessions::list(lookup.db, lookup.authority.person_id, &current, lookup.now)?));
    let items = records.await?.into_iter().map(|record| MySession {
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
