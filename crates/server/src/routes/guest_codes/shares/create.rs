//! `POST /guest-codes/{id}/share`

use api_types::{FieldCode, NewShare, Problem as WireProblem, ShareRequest};
use axum::Json;
use axum::http::{HeaderMap, StatusCode, Uri};
use ids::GuestCodeId;

use crate::auth::{Secret, link_origin};
use crate::domain::pass;
use crate::extract::{JsonOrNothing, Path};
use crate::problem::{Problem, Result};
use crate::qr;
use crate::requester::WebOrMobile;
use crate::routes::responses::{Change, NotFound};
use crate::text::Address;
use crate::view::time::instant;

/// Makes a link by which the guest sees the code without signing in, also as a QR code; at most five at a time. With an
/// address, it is sent there by mail too: the link, never the digits.
///
/// Its secret is in this answer alone, and in the link after the `#`. No `Idempotency-Key` is needed: asked again it
/// makes another link, which does no harm and can be revoked.
#[utoipa::path(
    post,
    path = "/guest-codes/{id}/share",
    operation_id = "guest_code_shares_create",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The guest code")),
    request_body(content = Option<ShareRequest>, description = "May be left out where no reason is needed"),
    responses(
        (status = 201, description = "The link, this once", body = NewShare),
        Change,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`code_ended`, `too_many_shares`", body = WireProblem),
        (status = 422, description = "`reason_required`: a manager, for a code that somebody else issued; `invalid`, \
            `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn create(
    WebOrMobile(requester): WebOrMobile,
    uri: Uri,
    headers: HeaderMap,
    Path(id): Path<GuestCodeId>,
    JsonOrNothing(request): JsonOrNothing<ShareRequest>,
) -> Result<(StatusCode, Json<NewShare>)> {
    let origin = link_origin(requester.app(), &headers, &uri)?;
    let secret = Secret::generate()?;
    let url = format!("{origin}/pass#{}", secret.expose());
    let email = request.email.as_deref().map(|email| {
        Address::parse(email).ok_or_else(|| {
            Problem::invalid_field("email", FieldCode::NotAnAddress, "Enter an email address like ada@example.com.")
        })
    });
    let (email, post) = (email.transpose()?, requester.app().post(&headers));
    let shared = requester.deed(move |deed| {
        let to = email.as_ref().map(|email| (email, post));
        pass::share(deed, pass::Link { guest_code: id, secret: &secret, to, reason: request.reason.as_deref() })
    });
    let shared = shared.await?;
    let qr_svg = qr::svg(&url)?;
    let expires_at = shared.expires_at.map(instant);
    Ok((StatusCode::CREATED, Json(NewShare { id: shared.id, url, qr_svg, expires_at, mailed: shared.mailed })))
}
