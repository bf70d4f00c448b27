//! `GET /properties/{id}/doors`

use api_types::{Door, Page};
use axum::Json;
use store::{doors, properties};
use uuid::Uuid;

use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
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
        Office,
        NotFound,
    ),
)]
pub(super) async fn doors(Web(requester): Web, Path(id): Path<Uuid>) -> Result<Json<Page<Door>>> {
    let scope = requester.require_staff()?;
    let doors = requester.read(move |lookup| {
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        Ok(doors::of_property(lookup.db, scope, id)?)
    });
    let doors = doors.await?;
    Ok(Json(Page { items: doors.iter().map(view::door::describe_with_lock).collect(), next_cursor: None }))
}
