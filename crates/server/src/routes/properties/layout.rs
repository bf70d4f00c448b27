//! `POST /properties/{id}/layout`

use api_types::{LayoutImport, Problem as WireProblem};
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ids::PropertyId;
use serde::Deserialize;
use store::properties;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::roster::MaybeAsked;
use crate::app::App;
use crate::domain::deed::Deed;
use crate::domain::{Refusal, layout};
use crate::extract::{Csv, Path, Query};
use crate::idempotency::{Answer, Once};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{Keyed, NotFound, OfficeChange};

/// The largest layout, in bytes: many times what 5,000 rows of typical length take.
const LIMIT: usize = 1024 * 1024;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(LIMIT))
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    dry_run: bool,
}

/// Adds buildings, units and doors from `building,unit,door,kind`: all rows or none.
///
/// A row is a door. What is there already stays as it is, so that the same file can be imported again. For
/// administrators and the property's managers.
#[utoipa::path(
    post,
    path = "/properties/{id}/layout",
    operation_id = "layout_import",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would be imported, with each bad row"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "What was added, or would be", body = LayoutImport),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 413, description = "`too_large`: more than 1 MiB", body = WireProblem),
        (status = 415, description = "`unsupported_media_type`", body = WireProblem),
        (status = 422, description = "`layout_has_bad_rows`, `layout_not_readable`, `invalid`, \
            `idempotency_key_reused`", body = WireProblem),
    ),
)]
async fn import(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<Options>,
    MaybeAsked(asked): MaybeAsked,
    csv: Csv,
) -> Result<Response> {
    let scope = requester.require_setting_up()?;
    if options.dry_run {
        let report = requester.read(move |lookup| Ok(layout::plan(lookup.db, scope, id, &csv.0)?.into_report()));
        return Ok(axum::Json(report.await?).into_response());
    }
    let asked = asked.ok_or_else(Problem::idempotency_key_required)?;
    let rows = csv.0.clone();
    let first = move |deed: &Deed<'_>| Answer::new(StatusCode::OK, &layout::import(deed, id, &rows)?);
    // They may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        properties::get(deed.tx, deed.set_up_scope()?.0, id)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    Ok(Once::new(asked, csv).run(&requester, first, again).await?.into_response())
}
