//! `GET /properties/{id}/residents/{resident_id}`

use api_types::Resident;
use axum::Json;
use store::tenancies;
use uuid::Uuid;

use crate::asking::Web;
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// One resident.
#[utoipa::path(
    get,
    path = "/properties/{id}/residents/{resident_id}",
    operation_id = "residents_show",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
    ),
    responses(
        (status = 200, description = "The resident", body = Resident),
        Office,
        NotFound,
    ),
)]
pub(super) async fn show(Web(asking): Web, Path((id, resident_id)): Path<(Uuid, Uuid)>) -> Result<Json<Resident>> {
    let scope = asking.require_office()?;
    let resident = asking.look(move |look| {
        let tenancy = tenancies::get_in_property(look.db, scope, id, resident_id)?.ok_or_else(Problem::not_found)?;
        Ok(view::resident::describe_one(look.db, tenancy, look.authority.support)?)
    });
    resident.await.map(Json)
}
