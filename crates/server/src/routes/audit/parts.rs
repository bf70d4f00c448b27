//! `GET /audit/{id}/parts`

use api_types::{AuditEvent, Page};
use axum::Json;
use ids::EventId;
use serde::Deserialize;
use store::audit;
use utoipa::IntoParams;

use crate::extract::{Limit, Path, Query};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office, Paged};
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

/// What belongs to an event: what came of the same thing at the same property after it, the oldest first.
#[utoipa::path(
    get,
    path = "/audit/{id}/parts",
    operation_id = "audit_parts",
    tag = "audit",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The event"), Paging),
    responses(
        (status = 200, description = "A page", body = Page<AuditEvent>),
        Paged,
        Office,
        NotFound,
    ),
)]
pub(super) async fn parts(
    Web(requester): Web,
    Path(id): Path<EventId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AuditEvent>>> {
    let scope = requester.require_staff()?;
    let page = requester.read(move |lookup| {
        let event = audit::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let (events, next_cursor) =
            audit::list_parts(lookup.db, scope, &event, paging.cursor.as_deref(), paging.limit.0)?;
        Ok(Page { items: events.into_iter().map(view::event::describe).collect(), next_cursor })
    });
    page.await.map(Json)
}
