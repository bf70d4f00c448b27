//! `POST /properties/{id}/layout`

use api_types::{LayoutImport, Problem as WireProblem};
use axum::response::Response;
use ids::PropertyId;
use serde::Deserialize;

use super::super::spreadsheet::{self, MaybeAsked};
use crate::domain::deed::Deed;
use crate::domain::layout;
use crate::domain::lookup::Lookup;
use crate::extract::{Csv, Path, Query};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{Keyed, NotFound, OfficeChange};

#[derive(Deserialize)]
pub(super) struct Options {
    #[serde(default)]
    dry_run: bool,
    plan: Option<String>,
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
        ("plan" = Option<String>, Query, description = "The `plan` of the dry run: just what it said is done, or nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "What was added, or would be", body = LayoutImport),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 409, description = "`layout_moved_on`", body = WireProblem),
        (status = 413, description = "`too_large`: more than 1 MiB", body = WireProblem),
        (status = 415, description = "`unsupported_media_type`", body = WireProblem),
        (status = 422, description = "`layout_has_bad_rows`, `layout_not_readable`, `invalid`, \
            `idempotency_key_reused`", body = WireProblem),
    ),
)]
pub(super) async fn import(
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
    let import = move |deed: &Deed<'_>, rows: &[u8]| layout::import(deed, id, rows, options.plan.as_deref());
    spreadsheet::import(&requester, asked, csv, id, |deed| Ok(deed.set_up_scope()?.0), import).await
}
