//! `POST /properties/{id}/layout`

use api_types::{LayoutImport, Problem as WireProblem};
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use ids::PropertyId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::spreadsheet::{self, LIMIT, MaybeAsked};
use crate::app::App;
use crate::domain::deed::Deed;
use crate::domain::layout;
use crate::domain::lookup::Lookup;
use crate::extract::{Csv, Path, Query};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{Keyed, NotFound, OfficeChange};

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
    asked: MaybeAsked,
    csv: Csv,
) -> Result<Response> {
    let scope = requester.require_setting_up()?;
    if options.dry_run {
        let plan = move |lookup: &Lookup<'_>, rows: &[u8]| Ok(layout::plan(lookup.db, scope, id, rows)?.into_report());
        return spreadsheet::plan(&requester, csv, plan).await;
    }
    let import = move |deed: &Deed<'_>, rows: &[u8]| layout::import(deed, id, rows);
    spreadsheet::import(&requester, asked, csv, id, |deed| Ok(deed.set_up_scope()?.0), import).await
}
