//! `POST /session/passkey`

use api_types::{PasskeySignIn, Problem as WireProblem, Session};
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use store::people;

use crate::app::App;
use crate::auth::{
    ClientAddress, Marks, PasskeyAttempt, SessionCookies, Site, browser_of, hash_of, sign_in_with_passkey,
};
use crate::extract::Json;
use crate::mail::language;
use crate::problem::{Problem, Result};

/// Signs in to the console with a passkey, which answers what `POST /session/passkey/options` asked.
///
/// A session that the browser still has ends; the new one has another id. A passkey that is unknown, was removed, was copied or
/// is of somebody who is disabled gets the same answer.
#[utoipa::path(
    post,
    path = "/session/passkey",
    operation_id = "session_passkey_create",
    tag = "session",
    request_body = PasskeySignIn,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 401, description = "`passkey_refused`", body = WireProblem),
        (status = 403, description = "`no_role`, `cross_site`", body = WireProblem),
        (status = 409, description = "`passkey_too_late`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 429, description = "`too_many_requests`, with `Retry-After`", body = WireProblem),
    ),
)]
pub(super) async fn create(
    State(app): State<App>,
    uri: Uri,
    address: ClientAddress,
    cookies: SessionCookies,
    headers: HeaderMap,
    Json(PasskeySignIn { credential }): Json<PasskeySignIn>,
) -> Result<Response> {
    let cookie = cookies.find(&headers);
    match (Site::of(&app, &headers, &uri), cookie) {
        (Site::Same, _) | (Site::Unsaid, None) => {}
        // Another site's page must not sign somebody in to an account of its choice either.
        (Site::Other, _) | (Site::Unsaid, Some(_)) => return Err(Problem::cross_site()),
    }
    let attempt = PasskeyAttempt {
        credential,
        asked: cookies.find_passkey(&headers).map(hash_of),
        address,
        browser: browser_of(&headers),
        replaces: cookie.map(hash_of),
        marks: Marks::of(&headers),
    };
    let signed_in = sign_in_with_passkey(&app, attempt).await?;
    if headers.contains_key(ACCEPT_LANGUAGE) {
        let (id, language) = (signed_in.person.id, language::of(&headers).name());
        app.store().write_later(move |tx| people::set_language(tx, id, language));
    }
    let body = signed_in.session(&app);
    Ok((cookies.set(&signed_in.secret, &headers), signed_in.marks.set(), axum::Json(body)).into_response())
}
