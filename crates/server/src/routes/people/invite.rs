//! `POST /people/{id}/invite`

use api_types::{FieldCode, Invite, Problem as WireProblem};
use axum::Json;
use axum::http::{HeaderMap, Uri};
use ids::PersonId;
use store::Millis;
use store::shares::SecretHash;

use crate::auth::{Secret, own_origin};
use crate::domain::deed::Deed;
use crate::domain::{Done, invitation};
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::{Requester, Web};
use crate::routes::responses::{NotFound, OfficeChange};
use crate::view::time::instant;

/// Makes the link by which a member of the staff comes in; an earlier one no longer works. For administrators.
///
/// Its secret is in this answer alone. No `Idempotency-Key` is needed: asked again, it makes another link in place of the
/// one before.
#[utoipa::path(
    post,
    path = "/people/{id}/invite",
    operation_id = "people_invite",
    tag = "people",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The person")),
    responses(
        (status = 200, description = "The link, this once", body = Invite),
        OfficeChange,
        NotFound,
        (status = 409, description = "`already_active`", body = WireProblem),
    ),
)]
pub(super) async fn invite(
    Web(requester): Web,
    uri: Uri,
    headers: HeaderMap,
    Path(id): Path<PersonId>,
) -> Result<Json<Invite>> {
    requester.require_administrator()?;
    link(&requester, &headers, &uri, move |deed, secret| invitation::invite_staff(deed, id, secret)).await.map(Json)
}

/// Makes a link with a new secret, of which `deed` keeps the hash and says when it ends.
///
/// # Errors
/// What `deed` refuses; 422 where the client names no host.
pub(in crate::routes) async fn link(
    requester: &Requester,
    headers: &HeaderMap,
    uri: &Uri,
    deed: impl FnOnce(&Deed<'_>, &SecretHash) -> Done<Millis> + Send + 'static,
) -> Result<Invite> {
    let origin = own_origin(requester.app(), headers, uri).ok_or_else(|| {
        Problem::invalid_field("Host", FieldCode::Invalid, "Say by which host you reach this server.")
    })?;
    let secret = Secret::generate()?;
    let hash = secret.hash();
    let expires_at = requester.deed(move |by| deed(by, &hash)).await?;
    let link = format!("{origin}/invitation#{}", secret.expose());
    Ok(Invite { link, expires_at: instant(expires_at), mailed: false })
}
