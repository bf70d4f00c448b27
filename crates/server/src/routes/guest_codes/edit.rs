//! `PATCH /guest-codes/{id}`

use api_types::{GuestCode, GuestCodeEdit, Problem as WireProblem};
use axum::response::IntoResponse;
use ids::GuestCodeId;

use super::issue::own_digits;
use super::tagged;
use crate::domain::guest_code;
use crate::extract::{IfMatch, JsonBytes, Path};
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{Change, NotFound};
use crate::view;

/// Moves the windows of a guest code, or changes its reference; its digits stay (R43). What isn't given stays as it is.
///
/// The end can be moved until it has come, and to a time that is past: then the code is over at once. The start can be moved
/// until it has come, and so can the first day of a recurring code, whose days and hours can be changed throughout. A lock is told
/// only what changes for it now.
#[utoipa::path(
    patch,
    path = "/guest-codes/{id}",
    operation_id = "guest_codes_edit",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = Uuid, Path, description = "The guest code"),
        ("If-Match" = String, Header, description = "The `ETag` of what was read"),
    ),
    request_body = GuestCodeEdit,
    responses(
        (status = 200, description = "As it is now, with its `ETag`", body = GuestCode),
        Change,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`code_ended`, `guest_code_begun`", body = WireProblem),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`, `guest_codes_are_random`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn edit(
    WebOrMobile(requester): WebOrMobile,
    Path(id): Path<GuestCodeId>,
    if_match: IfMatch,
    body: JsonBytes,
) -> Result<impl IntoResponse> {
    if let Some(field) = own_digits(&body)? {
        requester.deed(move |deed| guest_code::refuse_own_digits(deed, &field)).await?;
    }
    let edit: GuestCodeEdit = body.parse()?;
    let changed = requester.deed(move |deed| {
        guest_code::change(deed, id, |version| if_match.check(version).is_ok(), &edit)?;
        view::guest_code::describe_one(&deed.lookup(), id)
    });
    Ok(tagged(changed.await?))
}
