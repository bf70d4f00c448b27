//! `POST /properties/{id}/roster`

use api_types::{Problem as WireProblem, Role, RosterImport};
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::domain::{Failure, roster};
use crate::extract::{Csv, IdempotencyKey, Path, Query};
use crate::idempotency::{Begun, Request, begin};
use crate::problem::{Problem, Result};
use crate::routes::deed::finish_once;

/// A roster may be so large, in bytes: twice what 5,000 rows of usual length take.
const LIMIT: usize = 1024 * 1024;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(LIMIT))
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    dry_run: bool,
}

/// An `Idempotency-Key` that a dry run may leave out.
struct MaybeKey(Option<IdempotencyKey>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self> {
        Ok(Self(IdempotencyKey::from_request_parts(parts, state).await.ok()))
    }
}

/// Imports residents from `unit,name,email,move_in,move_out`: all rows or none.
#[utoipa::path(
    post,
    path = "/properties/{id}/roster",
    operation_id = "roster_import",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would be imported, with each bad row"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "What was imported, or would be", body = RosterImport),
        (status = 400, description = "`idempotency_key_required`", body = WireProblem),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`, `cross_site`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
        (status = 413, description = "`too_large`: more than 1 MiB", body = WireProblem),
        (status = 415, description = "`unsupported_media_type`", body = WireProblem),
        (status = 422, description = "`roster_has_bad_rows`, `roster_not_readable`, `idempotency_key_reused`", body = WireProblem),
    ),
)]
#[allow(clippy::too_many_arguments, reason = "the parts of one request, as extractors")]
async fn import(
    State(app): State<App>,
    Web(caller): Web,
    method: Method,
    uri: Uri,
    Path(id): Path<Uuid>,
    Query(options): Query<Options>,
    MaybeKey(key): MaybeKey,
    Csv(csv): Csv,
) -> Result<Response> {
    caller.manager_scope()?;
    let by = caller.by(Role::Manager);
    let now = app.now();
    if options.dry_run {
        let mut tx = app.store().begin().await?;
        let done = roster::import(&mut tx, &by, caller.person_id, id, csv.as_bytes(), true, now).await;
        // Nothing was to be done, so nothing goes on record.
        tx.rollback().await?;
        return Ok(axum::Json(done?).into_response());
    }
    let key = key.ok_or_else(Problem::idempotency_key_required)?;
    let request = Request { method: &method, uri: &uri, body: csv.as_bytes() };
    let mut once = match begin(&app, caller.person_id, key, request).await? {
        Begun::First(once) => once,
        Begun::Again(answer) => return Ok(answer.into_response()),
    };
    let done: Result<RosterImport, Failure> =
        roster::import(&mut once, &by, caller.person_id, id, csv.as_bytes(), false, now).await;
    let answer = finish_once(once, StatusCode::OK, done, async |_, report| Ok((report, None))).await?;
    app.wake().wake();
    Ok(answer.into_response())
}
