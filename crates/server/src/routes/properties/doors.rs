//! `GET /properties/{id}/doors`

use api_types::{Door, Page, Problem as WireProblem};
use axum::Json;
use axum::extract::State;
use store::{doors, properties};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::view;

/// All doors of a property with their locks, by name, in one page: a property has some hundreds.
#[utoipa::path(
    get,
    path = "/properties/{id}/doors",
    operation_id = "properties_doors",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "By name", body = Page<Door>),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn doors(State(app): State<App>, Web(caller): Web, Path(id): Path<Uuid>) -> Result<Json<Page<Door>>> {
    let scope = caller.require_office()?;
    let doors = app.read(move |db| {
        properties::get(db, scope, id)?.ok_or_else(Problem::not_found)?;
        Ok(doors::of_property(db, scope, id)?)
    });
    let doors = doors.await?;
    Ok(Json(Page { items: doors.iter().map(view::door::describe_with_lock).collect(), next_cursor: None }))
}
