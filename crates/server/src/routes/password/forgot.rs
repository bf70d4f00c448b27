//! `GET /password/forgot`, `POST /password/forgot`

use api_types::{ForgottenPassword, MailService, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use store::people;

use crate::app::App;
use crate::auth::Secret;
use crate::domain::password;
use crate::extract::Json;
use crate::problem::Result;
use crate::routes::by_link::Anybody;
use crate::text::MAX_ADDRESS;

/// Whether this server can send a link to set a forgotten password.
#[utoipa::path(
    get,
    path = "/password/forgot",
    operation_id = "password_forgot_possible",
    tag = "session",
    responses((status = 200, description = "Whether it sends mail at all", body = MailService)),
)]
pub(super) async fn possible(State(app): State<App>) -> JsonAnswer<MailService> {
    JsonAnswer(MailService { mails: app.mails() })
}

/// Sends a link to set another password to whoever signs in with that address.
///
/// The answer is the same, after the same work, whether anybody does, whether they may sign in, and however often they were
/// asked for: nothing is looked up before it is sent. One address gets a link every ten minutes at most, so that strangers
/// can neither fill a mailbox nor have the newest link replaced before it can be used.
#[utoipa::path(
    post,
    path = "/password/forgot",
    operation_id = "password_forgot",
    tag = "session",
    request_body = ForgottenPassword,
    responses(
        (status = 202, description = "In any case; whether this server sends mail at all", body = MailService),
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 403, description = "`cross_site`", body = WireProblem),
        (status = 422, description = "`unknown_field`, `invalid`", body = WireProblem),
    ),
)]
pub(super) async fn forgot(
    State(app): State<App>,
    Anybody(address): Anybody,
    headers: HeaderMap,
    Json(ForgottenPassword { email }): Json<ForgottenPassword>,
) -> Result<(StatusCode, JsonAnswer<MailService>)> {
    let mails = app.mails();
    if mails && email.len() <= MAX_ADDRESS && app.throttle().may_ask(address.0) {
        let (email, secret) = (people::email_key(&email), Secret::generate()?);
        let (post, now) = (app.post(&headers), app.now());
        app.store().write_later(move |tx| password::forgot(tx, &email, &secret, post, now));
    }
    Ok((StatusCode::ACCEPTED, JsonAnswer(MailService { mails })))
}
