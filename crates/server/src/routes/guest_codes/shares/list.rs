//! `GET /guest-codes/{id}/shares`

use api_types::Shares;
use axum::Json;
use ids::GuestCodeId;

use crate::domain::pass;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{NotFound, SignedIn};

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
        SignedIn,
        NotFound,
    ),
)]
pub(super) async fn list(WebOrMobile(requester): WebOrMobile, Path(id): Path<GuestCodeId>) -> Result<Json<Shares>> {
    let items = requester.read(move |lookup| Ok(pass::shares(lookup, id)?)).await?;
    Ok(Json(Shares { items }))
}
