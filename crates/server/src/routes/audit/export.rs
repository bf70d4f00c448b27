//! `GET /audit/export`

use api_types::{AuditEvent, Problem as WireProblem};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use store::{Scope, Store, audit};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

use super::Wanted;
use crate::extract::Query;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::csv;
use crate::routes::responses::Office;
use crate::view;

/// How many events are read at a time; the client's speed decides when the next are read.
const STRIDE: u32 = 200;

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// RFC 4180, no cell of which a spreadsheet takes for a formula.
    Csv,
    /// One event a line, as `GET /audit` has them.
    Ndjson,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// `csv` or `ndjson`.
    #[param(inline)]
    format: Format,
}

/// All events of a filter, newest first, as a file that is written while it is read.
#[utoipa::path(
    get,
    path = "/audit/export",
    operation_id = "audit_export",
    tag = "audit",
    security(("session" = [])),
    params(Wanted, Options),
    responses(
        (status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson"))),
        Office,
        (status = 422, description = "`invalid`", body = WireProblem),
    ),
)]
pub(super) async fn export(
    Web(requester): Web,
    Query(wanted): Query<Wanted>,
    Query(options): Query<Options>,
) -> Result<Response> {
    let scope = requester.require_staff()?;
    let filter = wanted.filter()?;
    let (kind, name) = match options.format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
    };
    let (sender, receiver) = mpsc::channel(2);
    let store = requester.app().store().clone();
    tokio::spawn(async move {
        // A client that goes away is no failure; a failure of the store truncates the file, which chunked encoding
        // reveals.
        if let Err(error) = write(&store, scope, filter, options.format, &sender).await {
            tracing::error!(%error, "an export broke off");
            let _ = sender.send(Err(std::io::Error::other("the export broke off"))).await;
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], body).into_response())
}

type Chunk = std::result::Result<Bytes, std::io::Error>;

async fn write(
    store: &Store,
    scope: Scope,
    filter: audit::Filter,
    format: Format,
    sender: &mpsc::Sender<Chunk>,
) -> store::Result<()> {
    let mut cursor: Option<String> = None;
    let mut first = true;
    loop {
        // A separate query for each page, so that a slow client holds up nobody in between.
        let filter = filter.clone();
        let page = store.read(move |db| audit::list(db, scope, &filter, cursor.as_deref(), STRIDE)).await?;
        let mut text = String::new();
        if std::mem::take(&mut first) && matches!(format, Format::Csv) {
            text.push_str("id,at,actor,role,channel,app_version,action,subject,outcome,code,detail,hash\r\n");
        }
        for event in page.0.into_iter().map(view::event::describe) {
            match format {
                Format::Csv => csv_row(&mut text, &event),
                Format::Ndjson => {
                    text.push_str(
                        &serde_json::to_string(&event).map_err(|error| store::Error::Unreadable(error.to_string()))?,
                    );
                    text.push('\n');
                }
            }
        }
        if sender.send(Ok(text.into())).await.is_err() {
            return Ok(());
        }
        match page.1 {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn csv_row(text: &mut String, event: &AuditEvent) {
    let id = event.id.to_string();
    let cells = [
        id.as_str(),
        event.at.as_str(),
        &event.actor.name,
        event.actor.role.name(),
        event.channel.kind.name(),
        event.channel.app_version.as_deref().unwrap_or_default(),
        event.action.name(),
        &event.subject.name,
        event.outcome.name(),
        event.code.as_deref().unwrap_or_default(),
        &event.detail,
        &event.hash,
    ];
    csv::push_row(text, &cells);
}
