//! `POST /people/{id}/reset`

use api_types::{Invite, Problem as WireProblem};
use axum::Json;
use axum::http::{HeaderMap, Uri};
use ids::PersonId;

use super::invite::link;
use crate::domain::password;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Makes a link with which a member of the staff sets another password, for 30 minutes; an earlier one no longer works (R38).
/// For administrators.
///
/// Its secret is in this answer alone. No `Idempotency-Key` is needed: asked again, it makes another link in place of the
/// one before.
#[utoipa::path(
    post,
    path = "/people/{id}/reset",
    operation_id = "people_reset",
    tag = "people",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The person")),
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
    Path(id): Path<PersonId>,
) -> Result<Json<Invite>> {
    requester.require_administrator()?;
    let made = link(&requester, &headers, &uri, "/reset-password", move |deed, secret, post| {
        password::offer_to_staff(deed, id, secret, post)
    });
    made.await.map(Json)
}
