//! `POST /me/passkeys/{id}/remove`

use api_types::{Confirmation, Problem as WireProblem};
use axum::http::{HeaderMap, StatusCode};
use ids::PasskeyId;

use super::by_password;
use crate::auth::ClientAddress;
use crate::domain::passkey;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OwnConfirmed};

/// Removes a passkey of one's own: nobody signs in with it any more. The person is told by mail.
///
/// Who signed in more than ten minutes ago gives their password. The only way to sign in can't be removed.
#[utoipa::path(
    post,
    path = "/me/passkeys/{id}/remove",
    operation_id = "me_passkeys_remove",
    tag = "me",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "One of one's own passkeys")),
    request_body = Confirmation,
    responses(
        (status = 204, description = "Removed"),
        OwnConfirmed,
        NotFound,
        (status = 409, description = "`last_way_in`", body = WireProblem),
    ),
)]
pub(super) async fn remove(
    Web(requester): Web,
    client: ClientAddress,
    headers: HeaderMap,
    Path(id): Path<PasskeyId>,
    Json(Confirmation { password }): Json<Confirmation>,
) -> Result<StatusCode> {
    let by_password = by_password(&requester, client, password).await?;
    let (session, post) = (*requester.session(), requester.app().post(&headers));
    requester.deed(move |deed| passkey::remove(deed, &session, id, by_password, post)).await?;
    Ok(StatusCode::NO_CONTENT)
}
