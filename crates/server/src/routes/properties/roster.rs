//! `POST /properties/{id}/roster` and the roster as it is.

use api_types::{Problem as WireProblem, Role, RosterImport};
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use store::{properties, tenancies};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::domain::{Failure, roster};
use crate::extract::{Csv, IdempotencyKey, Path, Query};
use crate::idempotency::{Begun, Request, begin};
use crate::problem::{Problem, Result};
use crate::routes::csv;
use crate::routes::deed::finish_once;

/// A roster may be so large, in bytes: twice what 5,000 rows of usual length take.
const LIMIT: usize = 1024 * 1024;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import, export)).layer(DefaultBodyLimit::max(LIMIT))
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
        let done = roster::import(app.store(), &mut tx, &by, caller.person_id, id, csv.as_bytes(), true, now).await;
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
        roster::import(app.store(), &mut once, &by, caller.person_id, id, csv.as_bytes(), false, now).await;
    let answer = finish_once(once, StatusCode::OK, done, async |_, report| Ok((report, None))).await?;
    app.wake().wake();
    Ok(answer.into_response())
}

/// Residents read at a time.
const STRIDE: u32 = 200;

/// The residents of now and those to come, in the columns that an import takes.
#[utoipa::path(
    get,
    path = "/properties/{id}/roster",
    operation_id = "roster_export",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
async fn export(State(app): State<App>, Web(caller): Web, Path(id): Path<Uuid>) -> Result<Response> {
    let scope = caller.manager_scope()?;
    let mut db = app.store().read().await?;
    properties::get(&mut db, scope, id).await?.ok_or_else(Problem::not_found)?;
    let filter = tenancies::Filter { sort: tenancies::Sort::Unit, ..tenancies::Filter::default() };
    let mut text = String::new();
    csv::push_row(&mut text, &roster::COLUMNS);
    let mut cursor: Option<String> = None;
    loop {
        let (page, next) = tenancies::list(&mut db, scope, id, &filter, cursor.as_deref(), STRIDE).await?;
        for resident in &page {
            let move_out = resident.move_out.as_deref().unwrap_or_default();
            csv::push_row(&mut text, &[&resident.unit, &resident.name, &resident.email, &resident.move_in, move_out]);
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\"")];
    Ok((headers, text).into_response())
}
