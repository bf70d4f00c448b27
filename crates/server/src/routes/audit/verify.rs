//! `GET /audit/verify`

use api_types::{AuditVerification, Problem as WireProblem};
use axum::Json;
use axum::extract::State;
use store::audit;

use crate::app::App;
use crate::auth::Web;
use crate::problem::{Problem, Result};
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
pub(super) async fn verify(State(app): State<App>, Web(caller): Web) -> Result<Json<AuditVerification>> {
    if !caller.support {
        return Err(Problem::role());
    }
    Ok(Json(view::event::describe_chain(app.store().read(audit::verify).await?)))
}
