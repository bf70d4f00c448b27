//! `/properties/{id}/roster`: importing one, undoing that, and the roster as it is.

use std::sync::Arc;

use api_types::{DateOrder, Problem as WireProblem, RosterImport, RosterImports, RosterUndo};
use axum::Json;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ids::{PropertyId, RosterImportId};
use serde::Deserialize;
use store::{properties, tenancies};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::spreadsheet::{LIMIT, MaybeAsked};
use crate::app::App;
use crate::domain::deed::Deed;
use crate::domain::{Refusal, roster};
use crate::extract::{NoBody, Path, Query, RosterFile};
use crate::idempotency::{Answer, Once};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::csv;
use crate::routes::responses::{Keyed, NotFound, Office, OfficeChange};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import, export))
        .routes(routes!(imports))
        .routes(routes!(undo))
        .layer(DefaultBodyLimit::max(LIMIT))
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    dry_run: bool,
    move_out_past: Option<Yes>,
    columns: Option<String>,
    date_order: Option<DateOrder>,
    decisions: Option<String>,
    plan: Option<String>,
}

/// What has to be said in so many words: a slip of the keyboard must not move anybody out.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Yes {
    Yes,
}

impl Options {
    fn chosen(self) -> std::result::Result<roster::Options, Refusal> {
        Ok(roster::Options {
            move_out_past: self.move_out_past.is_some(),
            columns: self.columns.as_deref().map(roster::Options::columns).transpose()?,
            date_order: self.date_order,
            decisions: self.decisions.as_deref().map(roster::Options::decisions).transpose()?.unwrap_or_default(),
            plan: self.plan,
        })
    }
}

/// Imports residents from a roster as it was saved: all rows or none.
///
/// The file is CSV with commas, semicolons or tabs in UTF-8, UTF-16 or Windows-1252, or a workbook; `reading` says how it
/// was understood. A dry run lists what would change row by row, with what is to be decided; an import with its `plan` and
/// the same `decisions` does just that.
#[utoipa::path(
    post,
    path = "/properties/{id}/roster",
    operation_id = "roster_import",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would be imported, row by row"),
        ("move_out_past" = inline(Option<Yes>), Query, description = "`yes`: a last day that is over moves a resident of \
            now out at once; otherwise it makes a bad row"),
        ("columns" = Option<String>, Query, description = "Which column is which, by its place from 1, where the headings \
            don’t say: `unit:1,name:2,email:none,move_in:4,move_out:5`. It is remembered for the property"),
        ("date_order" = inline(Option<DateOrder>), Query, description = "The order of day and month, where the file \
            doesn’t say"),
        ("decisions" = Option<String>, Query, description = "What was decided about rows, by line, as the dry run names \
            it: `7.rename,9.leave_out`; `all.unit` takes every unit that is suggested"),
        ("plan" = Option<String>, Query, description = "The dry run’s `plan`: nothing else is done"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    request_body(
        content(
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
    ),
    responses(
        (status = 200, description = "What was imported, or would be", body = RosterImport),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 409, description = "`roster_moved_on`: it isn’t what the dry run said any more", body = WireProblem),
        (status = 413, description = "`too_large`: more than 1 MiB", body = WireProblem),
        (status = 415, description = "`unsupported_media_type`", body = WireProblem),
        (status = 422, description = "`roster_has_bad_rows`, `roster_not_readable`, `roster_undecided`, `invalid`, \
            `idempotency_key_reused`", body = WireProblem),
    ),
)]
async fn import(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<Options>,
    MaybeAsked(asked): MaybeAsked,
    file: RosterFile,
) -> Result<Response> {
    let scope = requester.require_manager()?;
    let dry_run = options.dry_run;
    let chosen = options.chosen()?;
    let asked = if dry_run { None } else { Some(asked.ok_or_else(Problem::idempotency_key_required)?) };
    let bytes = file.0.clone();
    // A workbook is unpacked neither where requests are answered nor where records are written.
    let read = tokio::task::spawn_blocking(move || roster::read(&bytes)).await.map_err(Problem::internal)?;
    let Some(asked) = asked else {
        let report = requester
            .read(move |lookup| Ok(roster::plan(lookup.db, scope, id, &read, &chosen, lookup.now)?.into_report()));
        return Ok(Json(report.await?).into_response());
    };
    // Where that is refused, the deed finds so too, and it is recorded.
    let read = Arc::new(read);
    let prepared = {
        let (read, chosen) = (read.clone(), chosen.clone());
        let prepare =
            requester.read(move |lookup| Ok(roster::prepare(lookup.db, scope, id, &read, &chosen, lookup.now)?));
        prepare.await.ok()
    };
    let first =
        move |deed: &Deed<'_>| Answer::new(StatusCode::OK, &roster::import(deed, id, &read, &chosen, prepared)?);
    // They may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        properties::get(deed.tx, deed.manager_scope()?, id)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    let answer = Once::new(asked, file).run(&requester, first, again).await?;
    // A long import is accepted as a whole and done in parts. The worker goes on with it if nobody waits here.
    if let Some(import) = answer.text("import_id").and_then(|id| id.parse::<RosterImportId>().ok()) {
        let app = requester.app();
        loop {
            let now = app.now();
            let more = app.store().write_unrecorded(move |tx| roster::carry_on(tx, Some(import), now));
            if !more.await? {
                break;
            }
        }
    }
    Ok(answer.into_response())
}

/// The imports of the last 24 hours, which can be undone as far as nobody has acted on them.
#[utoipa::path(
    get,
    path = "/properties/{id}/roster/imports",
    operation_id = "roster_imports",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    responses(
        (status = 200, description = "The newest first", body = RosterImports),
        Office,
        NotFound,
    ),
)]
async fn imports(Web(requester): Web, Path(id): Path<PropertyId>) -> Result<Json<RosterImports>> {
    let scope = requester.require_manager()?;
    let imports = requester.read(move |lookup| Ok(roster::imports(lookup.db, scope, id, lookup.now)?));
    Ok(Json(imports.await?))
}

/// Undoes an import as far as nobody has acted on what it did, for 24 hours.
#[utoipa::path(
    post,
    path = "/properties/{id}/roster/imports/{import_id}/undo",
    operation_id = "roster_undo",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("import_id" = Uuid, Path, description = "The import"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    responses(
        (status = 200, description = "What was undone, and each row that stays", body = RosterUndo),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 409, description = "`undo_over`", body = WireProblem),
        (status = 422, description = "`idempotency_key_reused`", body = WireProblem),
    ),
)]
async fn undo(
    Web(requester): Web,
    Path((id, import_id)): Path<(PropertyId, RosterImportId)>,
    once: Once<NoBody>,
) -> Result<Response> {
    requester.require_manager()?;
    let first = move |deed: &Deed<'_>| Answer::new(StatusCode::OK, &roster::undo(deed, id, import_id)?);
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        properties::get(deed.tx, deed.manager_scope()?, id)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    Ok(once.run(&requester, first, again).await?.into_response())
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
        // Excel takes a text without a byte-order mark for Windows-1252.
        let mut text = String::from('\u{feff}');
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
