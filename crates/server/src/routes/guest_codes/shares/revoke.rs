//! `DELETE /guest-codes/{id}/shares/{share_id}`

use axum::http::StatusCode;
use ids::{GuestCodeId, ShareId};

use crate::domain::pass;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{Change, NotFound};

/// Revokes a link: whoever has it sees nothing by it any more. The code itself goes on; revoke it to keep a guest out
/// who has seen it.
#[utoipa::path(
    delete,
    path = "/guest-codes/{id}/shares/{share_id}",
    operation_id = "guest_code_shares_revoke",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = Uuid, Path, description = "The guest code"),
        ("share_id" = Uuid, Path, description = "The link"),
    ),
    responses(
        (status = 204, description = "Revoked"),
        Change,
        NotFound,
    ),
)]
pub(super) async fn revoke(
    WebOrMobile(requester): WebOrMobile,
    Path((id, share_id)): Path<(GuestCodeId, ShareId)>,
) -> Result<StatusCode> {
    requester.deed(move |deed| pass::revoke(deed, id, share_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
