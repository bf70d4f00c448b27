//! `POST /invitations/passkey/options` and `POST /invitations/passkey`

use api_types::{Invitation, LinkPasskey, LinkToken, PasskeyOptions, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};

use crate::app::App;
use crate::domain::invitation;
use crate::domain::invitation::WayIn;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, passkey_options, with_passkey};
use crate::routes::responses::ByLink;

/// What to ask an authenticator for a passkey, with which somebody accepts their invitation instead of with a password.
///
/// It can be answered once, within five minutes. Nothing is changed or recorded.
#[utoipa::path(
    post,
    path = "/invitations/passkey/options",
    operation_id = "invitations_passkey_options",
    tag = "people",
    request_body = LinkToken,
    responses(
        (status = 200, description = "What to ask", body = PasskeyOptions),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
        (status = 409, description = "`passkeys_unavailable` at this address", body = WireProblem),
    ),
)]
pub(super) async fn options(
    State(app): State<App>,
    anybody: Anybody,
    headers: HeaderMap,
    uri: Uri,
    Json(LinkToken { token }): Json<LinkToken>,
) -> Result<JsonAnswer<PasskeyOptions>> {
    passkey_options(&app, anybody, UsedFor::Invitation, &token, (&headers, &uri), invitation::whom)
        .await
        .map(JsonAnswer)
}

/// Accepts an invitation with a passkey instead of a password. The link works once. Nobody is signed in by it.
#[utoipa::path(
    post,
    path = "/invitations/passkey",
    operation_id = "invitations_passkey",
    tag = "people",
    request_body = LinkPasskey,
    responses(
        (status = 200, description = "It is theirs", body = Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
        (status = 409, description = "`passkey_too_late`", body = WireProblem),
    ),
)]
pub(super) async fn choose(
    State(app): State<App>,
    anybody: Anybody,
    Json(chosen): Json<LinkPasskey>,
) -> Result<JsonAnswer<Invitation>> {
    let choose =
        with_passkey(&app, anybody, UsedFor::Invitation, chosen, invitation::whom, move |tx, secret, passkey, now| {
            invitation::accept(tx, secret, &WayIn::Passkey(passkey), now)
        });
    choose.await.map(JsonAnswer)
}
