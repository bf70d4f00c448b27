//! `POST /properties/{id}/residents/{resident_id}/invite`

use api_types::{Invite, Problem as WireProblem};
use axum::Json;
use axum::http::{HeaderMap, Uri};
use ids::{PropertyId, TenancyId};

use crate::domain::invitation;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::people::invite::link;
use crate::routes::responses::{NotFound, OfficeChange};

/// Makes the link by which a resident comes in; an earlier one no longer works.
///
/// Its secret is in this answer alone. No `Idempotency-Key` is needed: asked again, it makes another link in place of the
/// one before.
#[utoipa::path(
    post,
    path = "/properties/{id}/residents/{resident_id}/invite",
    operation_id = "residents_invite",
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
        (status = 409, description = "`already_active`, `no_address`", body = WireProblem),
    ),
)]
pub(super) async fn invite(
    Web(requester): Web,
    uri: Uri,
    headers: HeaderMap,
    Path((id, resident_id)): Path<(PropertyId, TenancyId)>,
) -> Result<Json<Invite>> {
    requester.require_manager()?;
    let invited = link(&requester, &headers, &uri, "/invitation", move |deed, secret, post| {
        invitation::invite_resident(deed, id, resident_id, secret, post)
    });
    invited.await.map(Json)
}
