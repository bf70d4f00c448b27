//! `POST /password/passkey/options` and `POST /password/passkey`

use api_types::{Invitation, LinkPasskey, LinkToken, PasskeyOptions, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};

use crate::app::App;
use crate::domain::invitation::WayIn;
use crate::domain::password;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, passkey_options, with_passkey};
use crate::routes::responses::ByLink;

/// What to ask an authenticator for a passkey, which somebody who forgot their password chooses instead.
///
/// It can be answered once, within five minutes. Nothing is changed or recorded.
#[utoipa::path(
    post,
    path = "/password/passkey/options",
    operation_id = "password_passkey_options",
    tag = "session",
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
    passkey_options(&app, anybody, UsedFor::Resetting, &token, (&headers, &uri), password::whose).await.map(JsonAnswer)
}

/// Chooses a passkey instead of a password with a link, which works once. All sessions and tokens of the person end, and they
/// are told. Nobody is signed in by it.
#[utoipa::path(
    post,
    path = "/password/passkey",
    operation_id = "password_passkey",
    tag = "session",
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
    headers: HeaderMap,
    Json(chosen): Json<LinkPasskey>,
) -> Result<JsonAnswer<Invitation>> {
    let post = app.post(&headers);
    let choose =
        with_passkey(&app, anybody, UsedFor::Resetting, chosen, password::whose, move |tx, secret, passkey, now| {
            password::reset(tx, secret, &WayIn::Passkey(passkey), post, now)
        });
    choose.await.map(JsonAnswer)
}
