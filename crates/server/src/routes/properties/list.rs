//! `GET /properties`

use api_types::{Page, Problem as WireProblem, Property};
use axum::Json;
use axum::extract::State;
use store::properties;

use crate::app::App;
use crate::auth::Web;
use crate::problem::Result;

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
    let scope = caller.office_scope()?;
    let mut db = app.store().read().await?;
    let mut items = Vec::new();
    for record in properties::list(&mut db, scope).await? {
        items.push(super::describe(&mut db, record, app.now()).await?);
    }
    Ok(Json(Page { items, next_cursor: None }))
}
