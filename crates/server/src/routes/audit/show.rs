//! `GET /audit/{id}`

use api_types::AuditEvent;
use axum::Json;
use ids::EventId;
use store::audit;

use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// One event, with the policy's checklist as it was then.
#[utoipa::path(
    get,
    path = "/audit/{id}",
    operation_id = "audit_show",
    tag = "audit",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The event")),
    responses(
        (status = 200, description = "The event", body = AuditEvent),
        Office,
        NotFound,
    ),
)]
pub(super) async fn show(Web(requester): Web, Path(id): Path<EventId>) -> Result<Json<AuditEvent>> {
    let scope = requester.require_staff()?;
    let event = requester.read(move |lookup| audit::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)).await?;
    Ok(Json(view::event::describe(event)))
}
