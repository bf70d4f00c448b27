//! `POST /properties/{id}/roster` and the roster as it is.

use api_types::{Problem as WireProblem, RosterImport};
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ids::PropertyId;
use serde::Deserialize;
use store::{properties, tenancies};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::spreadsheet::{self, LIMIT, MaybeAsked};
use crate::app::App;
use crate::domain::deed::Deed;
use crate::domain::lookup::Lookup;
use crate::domain::roster;
use crate::extract::{Csv, Path, Query};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::csv;
use crate::routes::responses::{Keyed, NotFound, Office, OfficeChange};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import, export)).layer(DefaultBodyLimit::max(LIMIT))
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    dry_run: bool,
    move_out_past: Option<Yes>,
}

/// What has to be said in so many words: a slip of the keyboard must not move anybody out.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Yes {
    Yes,
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
        ("move_out_past" = inline(Option<Yes>), Query, description = "`yes`: a last day that is over moves a resident of \
            now out at once; otherwise it makes a bad row"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "What was imported, or would be", body = RosterImport),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 413, description = "`too_large`: more than 1 MiB", body = WireProblem),
        (status = 415, description = "`unsupported_media_type`", body = WireProblem),
        (status = 422, description = "`roster_has_bad_rows`, `roster_not_readable`, `invalid`, \
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
    let scope = requester.require_manager()?;
    let chosen = roster::Options { move_out_past: options.move_out_past.is_some() };
    if options.dry_run {
        let plan = move |lookup: &Lookup<'_>, rows: &[u8]| {
            Ok(roster::plan(lookup.db, scope, id, rows, chosen, lookup.now)?.into_report())
        };
        return spreadsheet::plan(&requester, csv, plan).await;
    }
    let import = move |deed: &Deed<'_>, rows: &[u8]| roster::import(deed, id, rows, chosen);
    spreadsheet::import(&requester, asked, csv, id, |deed| deed.manager_scope(), import).await
}

/// How many residents are read at a time.
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
        Office,
        NotFound,
    ),
)]
async fn export(Web(requester): Web, Path(id): Path<PropertyId>) -> Result<Response> {
    let scope = requester.require_manager()?;
    let text = requester.read(move |lookup| {
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let filter = tenancies::Filter { sort: tenancies::Sort::Unit, ..tenancies::Filter::default() };
        let mut text = String::new();
        csv::push_row(&mut text, &roster::COLUMNS);
        let mut cursor: Option<String> = None;
        loop {
            let (page, next) = tenancies::list(lookup.db, scope, id, &filter, cursor.as_deref(), STRIDE)?;
            for resident in &page {
                let move_out = resident.move_out.as_deref().unwrap_or_default();
                csv::push_row(
                    &mut text,
                    &[&resident.unit, &resident.name, &resident.email, &resident.move_in, move_out],
                );
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(text);
            }
        }
    });
    let text = text.await?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\"")];
    Ok((headers, text).into_response())
}
