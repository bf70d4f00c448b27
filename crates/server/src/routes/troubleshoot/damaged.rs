//! `GET /troubleshoot/damaged`

use api_types::{DamagedRecord, DamagedRecords};
use axum::Json;
use store::incidents;

use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::SupportOnly;
use crate::view::time::instant;

/// Records that can't be read: each was set aside so that all else goes on, and is for somebody to see to.
#[utoipa::path(
    get,
    path = "/troubleshoot/damaged",
    operation_id = "troubleshoot_damaged",
    tag = "troubleshoot",
    security(("session" = [])),
    responses(
        (status = 200, description = "The oldest first", body = DamagedRecords),
        SupportOnly,
    ),
)]
pub(super) async fn damaged(Web(requester): Web) -> Result<Json<DamagedRecords>> {
    requester.require_support()?;
    let items =
        requester.read(|lookup| Ok(incidents::list(lookup.db)?)).await?.into_iter().map(|incident| DamagedRecord {
            kind: incident.kind.into(),
            id: incident.subject_id,
            property: incident.property,
            detail: incident.detail,
            found_at: instant(incident.found_at),
        });
    Ok(Json(DamagedRecords { items: items.collect() }))
}
