//! `GET /guest-codes/{id}/shares`

use api_types::{Problem as WireProblem, Shares};
use axum::Json;
use uuid::Uuid;

use crate::asking::WebOrMobile;
use crate::domain::pass;
use crate::extract::Path;
use crate::problem::Result;

/// The links to a guest code that are good, newest first, and how often each was opened. Never their secrets.
#[utoipa::path(
    get,
    path = "/guest-codes/{id}/shares",
    operation_id = "guest_code_shares_list",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The guest code")),
    responses(
        (status = 200, description = "Newest first; none once the code is over", body = Shares),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn list(WebOrMobile(asking): WebOrMobile, Path(id): Path<Uuid>) -> Result<Json<Shares>> {
    let items = asking.look(move |look| Ok(pass::shares(look, id)?)).await?;
    Ok(Json(Shares { items }))
}
