//! `GET /audit`

use api_types::{AuditEvent, Page};
use axum::Json;
use serde::Deserialize;
use store::audit::{self, EventRecord, Filter};
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
    /// What belongs together as one, by its first event: events that came of the same thing at the same property, such as
    /// issuing a code and what the locks said. A filter looks at that event alone.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    grouped: bool,
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
    let filter = Filter { heads: paging.grouped, ..wanted.filter()? };
    let page = requester.read(move |lookup| {
        let (events, next_cursor) = audit::list(lookup.db, scope, &filter, paging.cursor.as_deref(), paging.limit.0)?;
        let described = |event: EventRecord| {
            if !paging.grouped {
                return Ok(view::event::describe(event));
            }
            let parts = audit::parts(lookup.db, &event)?;
            Ok(view::event::describe_group(event, &parts))
        };
        let items = events.into_iter().map(described).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor })
    });
    page.await.map(Json)
}
