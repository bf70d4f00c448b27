//! `POST /guest-codes/{id}/preview`

use api_types::{GuestCodeEdit, GuestCodePreview, Problem as WireProblem};
use axum::Json as JsonAnswer;
use ids::GuestCodeId;

use crate::domain::guest_code;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{Change, NotFound};

/// The next five windows of a guest code if it were changed like this (R22, R43); none if that would end it. Nothing is stored.
#[utoipa::path(
    post,
    path = "/guest-codes/{id}/preview",
    operation_id = "guest_codes_preview_edit",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The guest code")),
    request_body = GuestCodeEdit,
    responses(
        (status = 200, description = "The windows, in the property's zone", body = GuestCodePreview),
        Change,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`code_ended`, `guest_code_begun`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn preview_edit(
    WebOrMobile(requester): WebOrMobile,
    Path(id): Path<GuestCodeId>,
    Json(edit): Json<GuestCodeEdit>,
) -> Result<JsonAnswer<GuestCodePreview>> {
    requester.read(move |lookup| Ok(guest_code::preview_change(lookup, id, &edit)?)).await.map(JsonAnswer)
}
