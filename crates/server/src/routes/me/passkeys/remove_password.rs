//! `POST /me/password/remove`

use api_types::{Confirmation, Problem as WireProblem};
use axum::http::{HeaderMap, StatusCode};

use super::by_password;
use crate::auth::{ClientAddress, Password, Secret};
use crate::domain::passkey;
use crate::extract::Json;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OwnConfirmed};

/// Removes one's password, so that one signs in with passkeys alone. The person is told by mail.
///
/// Who signed in more than ten minutes ago gives their password. The only way to sign in can't be removed. Signing in to the app
/// takes a password; a link for a forgotten one sets another.
#[utoipa::path(
    post,
    path = "/me/password/remove",
    operation_id = "me_password_remove",
    tag = "me",
    security(("session" = [])),
    request_body = Confirmation,
    responses(
        (status = 204, description = "Removed"),
        OwnConfirmed,
        NotFound,
        (status = 409, description = "`last_way_in`", body = WireProblem),
    ),
)]
pub(super) async fn remove_password(
    Web(requester): Web,
    client: ClientAddress,
    headers: HeaderMap,
    Json(Confirmation { password }): Json<Confirmation>,
) -> Result<StatusCode> {
    let by_password = by_password(&requester, client, password).await?;
    let nobodys = Password::new(Secret::generate()?.expose().to_owned());
    let hash = requester.app().passwords().hash(nobodys).await?;
    let (session, post) = (*requester.session(), requester.app().post(&headers));
    requester.deed(move |deed| passkey::remove_password(deed, &session, &hash, by_password, post)).await?;
    Ok(StatusCode::NO_CONTENT)
}
