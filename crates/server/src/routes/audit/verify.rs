//! `GET /audit/verify`

use api_types::AuditVerification;
use axum::Json;
use store::audit;

use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::SupportOnly;
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
        SupportOnly,
    ),
)]
pub(super) async fn verify(Web(requester): Web) -> Result<Json<AuditVerification>> {
    requester.require_support()?;
    let verified = requester.read(|lookup| Ok(audit::verify(lookup.db)?)).await?;
    Ok(Json(view::event::describe_chain(verified)))
}
