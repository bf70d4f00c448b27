//! `POST /password/reset`

use api_types::{PasswordReset, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::auth::{Marks, new_password};
use crate::domain::invitation::WayIn;
use crate::domain::password;
use crate::extract::{FieldErrors, Json};
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, answered, with_secret};
use crate::routes::responses::ByLink;

/// Sets another password with a link, which works once. All sessions and tokens of the person end, and they are told.
///
/// Nobody is signed in by it, but the browser is known as one of theirs from now on: strangers' failed attempts to sign in
/// don't make it wait.
#[utoipa::path(
    post,
    path = "/password/reset",
    operation_id = "password_reset",
    tag = "session",
    request_body = PasswordReset,
    responses(
        (status = 200, description = "Set", body = api_types::Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
    ),
)]
pub(super) async fn reset(
    State(app): State<App>,
    anybody: Anybody,
    headers: HeaderMap,
    Json(PasswordReset { token, password }): Json<PasswordReset>,
) -> Result<Response> {
    // Checked first, so that a stranger can't make the server hash passwords.
    let address = anybody.0;
    let found = answered(&app, Anybody(address), UsedFor::Resetting, &token, password::open).await?;
    let mut errors = FieldErrors::default();
    let password = new_password(&mut errors, password, &[&found.name, &found.email]);
    errors.check()?;
    let way_in = WayIn::Password(app.passwords().hash(password).await?);
    let (post, marks, vault) = (app.post(&headers), Marks::of(&headers), app.store().vault().clone());
    let reset = with_secret(&app, Anybody(address), UsedFor::Resetting, &token, move |tx, secret, now| {
        let reset = password::reset(tx, secret, &way_in, post, now)?;
        let mark = marks.find(tx, &vault, &reset.email);
        let marks = marks.with(tx, mark, &reset.email)?;
        Ok((reset, marks))
    });
    let (reset, marks) = reset.await?;
    Ok((marks.set(), JsonAnswer(reset)).into_response())
}
