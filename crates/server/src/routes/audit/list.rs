//! `GET /audit`

use api_types::{AuditEvent, Page};
use axum::Json;
use serde::Deserialize;
use store::audit;
use utoipa::IntoParams;

use super::Wanted;
use crate::extract::{Limit, Query};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{Office, Paged};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// Events, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "audit_list",
    tag = "audit",
    security(("session" = [])),
    params(Wanted, Paging),
    responses(
        (status = 200, description = "A page", body = Page<AuditEvent>),
        Paged,
        Office,
    ),
)]
pub(super) async fn list(
    Web(requester): Web,
    Query(wanted): Query<Wanted>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AuditEvent>>> {
    let scope = requester.require_staff()?;
    let filter = wanted.filter()?;
    let page = requester
        .read(move |lookup| Ok(audit::list(lookup.db, scope, &filter, paging.cursor.as_deref(), paging.limit.0)?));
    let (events, next_cursor) = page.await?;
    Ok(Json(Page { items: events.into_iter().map(view::event::describe).collect(), next_cursor }))
}
