//! `GET /properties/{id}/residents/{resident_id}`

use api_types::{Problem as WireProblem, Resident};
use axum::Json;
use axum::extract::State;
use store::tenancies;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::extract::Path;
use crate::problem::{Problem, Result};
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
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn show(
    State(app): State<App>,
    Web(caller): Web,
    Path((id, resident_id)): Path<(Uuid, Uuid)>,
) -> Result<Json<Resident>> {
    let (scope, for_support) = (caller.require_office()?, caller.support);
    let resident = app.read(move |db| {
        let tenancy = tenancies::get_in_property(db, scope, id, resident_id)?.ok_or_else(Problem::not_found)?;
        Ok(view::resident::describe_one(db, tenancy, for_support)?)
    });
    resident.await.map(Json)
}
