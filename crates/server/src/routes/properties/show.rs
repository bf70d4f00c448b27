//! `GET /properties/{id}`

use api_types::{Problem as WireProblem, Property};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use store::properties;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::extract::{Path, etag_header};
use crate::problem::{Problem, Result};
use crate::view;

/// One property, with its counts, the health of its hubs and locks, and what needs somebody.
#[utoipa::path(
    get,
    path = "/properties/{id}",
    operation_id = "properties_show",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "With its `ETag`", body = Property),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn show(State(app): State<App>, Web(caller): Web, Path(id): Path<Uuid>) -> Result<impl IntoResponse> {
    let (scope, now) = (caller.require_office()?, app.now());
    let (version, property) = app
        .read(move |db| {
            let record = properties::get(db, scope, id)?.ok_or_else(Problem::not_found)?;
            Ok((record.version, view::property::describe(db, record, now)?))
        })
        .await?;
    Ok((etag_header(version), Json(property)))
}
