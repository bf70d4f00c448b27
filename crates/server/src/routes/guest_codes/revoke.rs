//! `POST /guest-codes/{id}/revoke`

use api_types::GuestCode;
use axum::http::StatusCode;
use ids::GuestCodeId;

use crate::domain::deed::Deed;
use crate::domain::{Failure, Refusal, guest_code};
use crate::extract::{NoBody, Path};
use crate::idempotency::{Answer, Once};
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{Change, Keyed, NotFound};
use crate::view;

/// Revokes a guest code. Until a lock confirms the removal, its placement is `being_removed`: it still opens (R24).
#[utoipa::path(
    post,
    path = "/guest-codes/{id}/revoke",
    operation_id = "guest_codes_revoke",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = Uuid, Path, description = "The guest code"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    responses(
        (status = 200, description = "Revoked; its locks are being told", body = GuestCode),
        Keyed,
        Change,
        NotFound,
    ),
)]
pub(super) async fn revoke(
    WebOrMobile(requester): WebOrMobile,
    Path(id): Path<GuestCodeId>,
    once: Once<NoBody>,
) -> Result<Answer> {
    let first = move |deed: &Deed<'_>| {
        guest_code::revoke(deed, id)?;
        // One whose record is damaged is revoked all the same, though it can't be shown.
        let described = match view::guest_code::describe_one(&deed.lookup(), id) {
            Err(Failure::Store(error)) if error.is_single_record() => return Err(Refusal::unreadable().into()),
            described => described?,
        };
        Answer::new(StatusCode::OK, &described)
    };
    // A manager may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        guest_code::find(&deed.lookup(), id)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    once.run(&requester, first, again).await
}
