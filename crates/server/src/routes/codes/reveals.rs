//! `GET /codes/{id}/reveals`

use api_types::{Problem as WireProblem, Reveals};
use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::app::App;
use crate::auth::WebOrMobile;
use crate::domain::reveal;
use crate::extract::Path;
use crate::problem::Result;

/// Who has seen one's own code, newest first, at most 100 (R30).
#[utoipa::path(
    get,
    path = "/codes/{id}/reveals",
    operation_id = "codes_reveals",
    tag = "codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The code")),
    responses(
        (status = 200, description = "Newest first", body = Reveals),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn reveals(
    State(app): State<App>,
    WebOrMobile(caller): WebOrMobile,
    Path(id): Path<Uuid>,
) -> Result<Json<Reveals>> {
    let authority = caller.authority().clone();
    let items = app.read(move |db| Ok(reveal::reveals(db, &authority, id)?)).await?;
    Ok(Json(Reveals { items }))
}
