//! `GET /guest-codes/{id}`

use api_types::GuestCode;
use axum::response::IntoResponse;
use ids::GuestCodeId;

use super::tagged;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{NotFound, SignedIn};
use crate::view;

/// One guest code, without digits (R30), with its `ETag`.
#[utoipa::path(
    get,
    path = "/guest-codes/{id}",
    operation_id = "guest_codes_show",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The guest code")),
    responses(
        (status = 200, description = "The guest code", body = GuestCode),
        SignedIn,
        NotFound,
    ),
)]
pub(super) async fn show(
    WebOrMobile(requester): WebOrMobile,
    Path(id): Path<GuestCodeId>,
) -> Result<impl IntoResponse> {
    requester.read(move |lookup| Ok(view::guest_code::describe_one(lookup, id)?)).await.map(tagged)
}
