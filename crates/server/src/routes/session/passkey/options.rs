//! `POST /session/passkey/options`

use api_types::{PasskeyOptions, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::auth::passkey::ANSWERED_WITHIN_S;
use crate::auth::{Secret, SessionCookies, reached_as};
use crate::problem::Result;
use crate::routes::by_link::Anybody;

/// What to ask an authenticator to sign in with a passkey: of anybody, since the passkey says whose it is.
///
/// It can be answered once, within five minutes, by the browser that asked, which gets a cookie for that. Nothing is stored or
/// recorded.
#[utoipa::path(
    post,
    path = "/session/passkey/options",
    operation_id = "session_passkey_options",
    tag = "session",
    responses(
        (status = 200, description = "What to ask; a cookie is set", body = PasskeyOptions),
        (status = 403, description = "`cross_site`", body = WireProblem),
        (status = 409, description = "`passkeys_unavailable` at this address", body = WireProblem),
    ),
)]
pub(super) async fn options(
    State(app): State<App>,
    Anybody(address): Anybody,
    uri: Uri,
    cookies: SessionCookies,
    headers: HeaderMap,
) -> Result<Response> {
    let secret = Secret::generate()?;
    let name = reached_as(&headers, &uri);
    let options = app.passkeys().ask_to_sign_in(name.as_deref(), secret.hash(), address.0)?;
    Ok((cookies.set_passkey(&secret, ANSWERED_WITHIN_S, &headers), JsonAnswer(options)).into_response())
}
