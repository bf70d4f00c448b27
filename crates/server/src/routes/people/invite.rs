//! `POST /people/{id}/invite`

use api_types::{Invite, Problem as WireProblem};
use axum::Json;
use axum::http::{HeaderMap, Uri};
use ids::PersonId;
use store::Millis;

use crate::auth::{Secret, link_origin};
use crate::domain::deed::Deed;
use crate::domain::{Done, invitation};
use crate::extract::Path;
use crate::mail::post::Post;
use crate::problem::Result;
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
    let invited = link(&requester, &headers, &uri, "/invitation", move |deed, secret, post| {
        invitation::invite_staff(deed, id, secret, post)
    });
    invited.await.map(Json)
}

/// Makes a link to that page with a new secret, of which `deed` keeps the hash and says when it ends and whether it is mailed.
///
/// # Errors
/// What `deed` refuses; 422 where the client names no host.
pub(in crate::routes) async fn link(
    requester: &Requester,
    headers: &HeaderMap,
    uri: &Uri,
    page: &str,
    deed: impl FnOnce(&Deed<'_>, &Secret, Post) -> Done<(Millis, bool)> + Send + 'static,
) -> Result<Invite> {
    let origin = link_origin(requester.app(), headers, uri)?;
    let secret = Secret::generate()?;
    let link = format!("{origin}{page}#{}", secret.expose());
    let post = requester.app().post(headers);
    let (expires_at, mailed) = requester.deed(move |by| deed(by, &secret, post)).await?;
    Ok(Invite { link, expires_at: instant(expires_at), mailed })
}
