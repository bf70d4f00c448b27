//! `GET /audit/verify`

use api_types::{AuditVerification, Problem as WireProblem};
use axum::Json;
use store::audit;

use crate::asking::Web;
use crate::problem::Result;
use crate::view;

/// Checks every hash of the log, from the first event on (R31).
#[utoipa::path(
    get,
    path = "/audit/verify",
    operation_id = "audit_verify",
    tag = "audit",
    security(("session" = [])),
    responses(
        (status = 200, description = "Whether the chain is whole", body = AuditVerification),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`: support only", body = WireProblem),
    ),
)]
pub(super) async fn verify(Web(asking): Web) -> Result<Json<AuditVerification>> {
    asking.require_support()?;
    let verified = asking.look(|look| Ok(audit::verify(look.db)?)).await?;
    Ok(Json(view::event::describe_chain(verified)))
}
