//! `GET /properties`

use api_types::{Page, Problem as WireProblem, Property};
use axum::Json;
use axum::extract::State;
use store::properties;

use crate::app::App;
use crate::auth::Web;
use crate::problem::Result;
use crate::view;

/// The properties that the caller manages, or all of them for support.
#[utoipa::path(
    get,
    path = "/properties",
    operation_id = "properties_list",
    tag = "properties",
    security(("session" = [])),
    responses(
        (status = 200, description = "By name, at most 200", body = Page<Property>),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`", body = WireProblem),
    ),
)]
pub(super) async fn list(State(app): State<App>, Web(caller): Web) -> Result<Json<Page<Property>>> {
    let (scope, now) = (caller.require_office()?, app.now());
    let items = app.store().read(move |db| {
        let records = properties::list(db, scope)?;
        records.into_iter().map(|record| view::property::describe(db, record, now)).collect::<store::Result<_>>()
    });
    Ok(Json(Page { items: items.await?, next_cursor: None }))
}
