//! `POST /guest-codes/preview`

use api_types::{GuestCodePreview, GuestCodeRequest, Problem as WireProblem};
use axum::Json as JsonAnswer;

use crate::domain::guest_code;
use crate::extract::Json;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::Change;

/// The next five windows that a code so asked for would open (R22). Nothing is stored.
#[utoipa::path(
    post,
    path = "/guest-codes/preview",
    operation_id = "guest_codes_preview",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    request_body = GuestCodeRequest,
    responses(
        (status = 200, description = "The windows, in the property's zone", body = GuestCodePreview),
        Change,
        (status = 404, description = "`not_found`: a door that the caller may not use", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`, `delivery_not_for_this_door`", body = WireProblem),
    ),
)]
pub(super) async fn preview(
    WebOrMobile(requester): WebOrMobile,
    Json(request): Json<GuestCodeRequest>,
) -> Result<JsonAnswer<GuestCodePreview>> {
    requester.read(move |lookup| Ok(guest_code::preview(lookup, &request)?)).await.map(JsonAnswer)
}
