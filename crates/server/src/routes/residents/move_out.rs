//! `POST /properties/{id}/residents/{resident_id}/move-out` and how far it is.

use api_types::{MoveOut, Problem as WireProblem, Role};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use store::tenancies;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::domain::tenancy;
use crate::extract::{IdempotencyKey, Path};
use crate::idempotency::{Answer, Begun, Request, begin};
use crate::problem::{Problem, Result};
use crate::routes::deed::finish_once;

/// Revokes everything of a tenancy: the resident's code and their guests', and signs the person out.
///
/// Asked again under another key, it tells how far the doors are.
#[utoipa::path(
    post,
    path = "/properties/{id}/residents/{resident_id}/move-out",
    operation_id = "residents_move_out",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    responses(
        (status = 200, description = "How far the doors are", body = MoveOut),
        (status = 400, description = "`idempotency_key_required`", body = WireProblem),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`, `cross_site`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn move_out(
    State(app): State<App>,
    Web(caller): Web,
    method: Method,
    uri: Uri,
    Path((id, resident_id)): Path<(Uuid, Uuid)>,
    key: IdempotencyKey,
) -> Result<Answer> {
    let scope = caller.manager_scope()?;
    let mut once = match begin(&app, caller.person_id, key, Request { method: &method, uri: &uri, body: b"" }).await? {
        Begun::First(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let resident =
        tenancies::get_in_property(&mut once, scope, id, resident_id).await?.ok_or_else(Problem::not_found)?;
    let done = tenancy::move_out(&mut once, &caller.by(Role::Manager), &resident, app.now()).await;
    let answer = finish_once(once, StatusCode::OK, done, async |tx, ()| {
        Ok((tenancy::move_out_progress(tx, &resident, false).await?, None))
    })
    .await?;
    app.wake().wake();
    Ok(answer)
}

/// How far the doors are with a resident who has moved out.
#[utoipa::path(
    get,
    path = "/properties/{id}/residents/{resident_id}/move-out",
    operation_id = "residents_move_out_progress",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
    ),
    responses(
        (status = 200, description = "How far the doors are", body = MoveOut),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`", body = WireProblem),
        (status = 404, description = "`not_found`: also for a resident who hasn't moved out", body = WireProblem),
    ),
)]
pub(super) async fn progress(
    State(app): State<App>,
    Web(caller): Web,
    Path((id, resident_id)): Path<(Uuid, Uuid)>,
) -> Result<Json<MoveOut>> {
    let scope = caller.manager_scope()?;
    let mut db = app.store().read().await?;
    let resident = tenancies::get_in_property(&mut db, scope, id, resident_id).await?;
    let resident = resident.filter(|resident| resident.ended_at.is_some()).ok_or_else(Problem::not_found)?;
    Ok(Json(tenancy::move_out_progress(&mut db, &resident, false).await?))
}
