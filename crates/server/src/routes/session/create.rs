//! `POST /session`

use api_types::{Problem as WireProblem, Session, SignIn};
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use store::people;

use crate::app::App;
use crate::auth::{
    ClientAddress, Marks, Password, SessionCookies, SignIn as Attempted, Site, Via, browser_of, hash_of, sign_in,
};
use crate::extract::Json;
use crate::mail::language;
use crate::problem::{Problem, Result};
use crate::routes::responses::SigningIn;

/// Signs in to the console.
///
/// A session that the browser still has ends; the new one has another id. Unknown people, disabled ones and wrong
/// passwords get the same answer. After a few failures the next try has to wait (429), for at most a minute; whoever waited
/// that long is let through, whatever others do meanwhile. A device that signed in before has a cookie of its own that tells
/// so, and waits for nobody else's failures.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "session_create",
    tag = "session",
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Session),
        SigningIn,
        (status = 403, description = "`no_role`, `cross_site`", body = WireProblem),
    ),
)]
pub(super) async fn create(
    State(app): State<App>,
    uri: Uri,
    address: ClientAddress,
    cookies: SessionCookies,
    headers: HeaderMap,
    Json(SignIn { email, password }): Json<SignIn>,
) -> Result<Response> {
    let cookie = cookies.find(&headers);
    match (Site::of(&app, &headers, &uri), cookie) {
        (Site::Same, _) | (Site::Unsaid, None) => {}
        // Another site's page must not sign somebody in to an account of its choice either.
        (Site::Other, _) | (Site::Unsaid, Some(_)) => return Err(Problem::cross_site()),
    }
    let attempted = Attempted {
        email,
        password: Password::new(password),
        address,
        via: Via::Web,
        browser: browser_of(&headers),
        replaces: cookie.map(hash_of),
        marks: Marks::of(&headers),
    };
    let signed_in = sign_in(&app, attempted).await?;
    if headers.contains_key(ACCEPT_LANGUAGE) {
        let (id, language) = (signed_in.person.id, language::of(&headers).name());
        app.store().write_later(move |tx| people::set_language(tx, id, language));
    }
    let body = signed_in.session(&app);
    Ok((cookies.set(&signed_in.secret, &headers), signed_in.marks.set(), axum::Json(body)).into_response())
}
