//! `POST /set-up`: the first administrator (R34).

use api_types::{Problem as WireProblem, Session, SetUp};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::by_link::{Anybody, UsedFor, answered, with_secret};
use super::responses::ByLink;
use crate::app::App;
use crate::auth::{Marks, Opening, SessionCookies, Via, browser_of, hash_of, new_password, open_session};
use crate::domain::{Refusal, invitation, staff};
use crate::extract::{FieldErrors, Json};
use crate::problem::{Problem, Result};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(set_up))
}

/// Makes the first administrator, and signs them in.
///
/// The token is that of the link which the program prints while there is no administrator.
#[utoipa::path(
    post,
    path = "/set-up",
    operation_id = "set_up",
    tag = "session",
    request_body = SetUp,
    responses(
        (status = 201, description = "Signed in as the administrator; the cookie is set", body = Session),
        ByLink,
        (status = 404, description = "`set_up_done`, `link_over`", body = WireProblem),
    ),
)]
async fn set_up(
    State(app): State<App>,
    anybody: Anybody,
    cookies: SessionCookies,
    headers: HeaderMap,
    Json(SetUp { token, name, email, password }): Json<SetUp>,
) -> Result<Response> {
    // Checked first, so that a stranger can't make the server hash passwords.
    let address = anybody.0;
    answered(&app, Anybody(address), UsedFor::SettingUp, &token, invitation::check_set_up).await?;
    let (name, email) = staff::checked(&name, &email).map_err(Problem::from)?;
    let mut errors = FieldErrors::default();
    let password = new_password(&mut errors, password, &[&name, &email]);
    errors.check()?;
    let hash = app.passwords().hash(password).await?;
    let (replaces, marks) = (cookies.find(&headers).map(hash_of), Marks::of(&headers));
    let opening = Opening { via: Via::Web, browser: browser_of(&headers), replaces, marks, mark: None, passkey: None };
    let signed_in = with_secret(&app, Anybody(address), UsedFor::SettingUp, &token, move |tx, secret, now| {
        let person = invitation::set_up(tx, secret, &name, &email, &hash, now)?;
        Ok(open_session(tx, opening, person, now)?.ok_or_else(Refusal::not_found)?)
    })
    .await?;
    let body = signed_in.session(&app);
    let cookies = cookies.set(&signed_in.secret, &headers);
    Ok((StatusCode::CREATED, cookies, signed_in.marks.set(), axum::Json(body)).into_response())
}
