//! `GET /troubleshoot/damaged`

use api_types::{DamagedRecord, DamagedRecords, Problem as WireProblem};
use axum::Json;
use axum::extract::State;
use store::incidents;

use crate::app::App;
use crate::auth::Web;
use crate::problem::{Problem, Result};
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
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`: support only", body = WireProblem),
    ),
)]
pub(super) async fn damaged(State(app): State<App>, Web(caller): Web) -> Result<Json<DamagedRecords>> {
    if !caller.support {
        return Err(Problem::role());
    }
    let items = app.store().read(incidents::list).await?.into_iter().map(|incident| DamagedRecord {
        kind: incident.kind,
        id: incident.subject_id,
        property: incident.property,
        detail: incident.detail,
        found_at: instant(incident.found_at),
    });
    Ok(Json(DamagedRecords { items: items.collect() }))
}
