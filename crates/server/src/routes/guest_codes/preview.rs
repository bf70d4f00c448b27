//! `POST /guest-codes/preview`

use api_types::{GuestCodePreview, GuestCodeRequest, Problem as WireProblem};
use axum::Json as JsonAnswer;

use super::issue::own_digits;
use crate::domain::guest_code;
use crate::extract::JsonBytes;
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
        (status = 422, description = "`guest_codes_are_random`, `invalid`, `unknown_field`, \
            `delivery_not_for_this_door`", body = WireProblem),
    ),
)]
pub(super) async fn preview(
    WebOrMobile(requester): WebOrMobile,
    body: JsonBytes,
) -> Result<JsonAnswer<GuestCodePreview>> {
    if let Some(field) = own_digits(&body)? {
        // Nothing was to be issued, so nothing is recorded.
        return Err(guest_code::own_digits_refusal(&field).into());
    }
    let request: GuestCodeRequest = body.parse()?;
    requester.read(move |lookup| Ok(guest_code::preview(lookup, &request)?)).await.map(JsonAnswer)
}
