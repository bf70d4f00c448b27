//! `POST /properties/{id}/residents/{resident_id}/reset`

use api_types::{Invite, Problem as WireProblem};
use axum::Json;
use axum::http::{HeaderMap, Uri};
use ids::{PropertyId, TenancyId};

use crate::domain::password;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::people::invite::link;
use crate::routes::responses::{NotFound, OfficeChange};

/// Makes a link with which a resident sets another password, for 30 minutes; an earlier one no longer works (R38).
///
/// `forbidden` also for somebody who is more than a resident of this property. The secret is in this answer alone. No `Idempotency-Key` is needed: asked again, it makes another link in place of the
/// one before.
#[utoipa::path(
    post,
    path = "/properties/{id}/residents/{resident_id}/reset",
    operation_id = "residents_reset",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
    ),
    responses(
        (status = 200, description = "The link, this once", body = Invite),
        OfficeChange,
        NotFound,
        (status = 409, description = "`not_active`", body = WireProblem),
    ),
)]
pub(super) async fn reset(
    Web(requester): Web,
    uri: Uri,
    headers: HeaderMap,
    Path((id, resident_id)): Path<(PropertyId, TenancyId)>,
) -> Result<Json<Invite>> {
    requester.require_manager()?;
    let made = link(&requester, &headers, &uri, "/reset-password", move |deed, secret, post| {
        password::offer_to_resident(deed, id, resident_id, secret, post)
    });
    made.await.map(Json)
}
