//! `POST /me/address`

use api_types::{AddressChange, FieldCode, MailService, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::http::{HeaderMap, StatusCode};

use crate::auth::{ClientAddress, Password, Secret, is_own_password};
use crate::domain::address;
use crate::extract::Json;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::Change;
use crate::text::Address;

/// Asks for another address to sign in with. It counts once it is confirmed by the link that is sent there, for 30 minutes.
///
/// Who has no password leaves it empty, and has to have signed in within the last ten minutes.
///
/// No `Idempotency-Key` is needed: asked again, it sends another link in place of the one before.
#[utoipa::path(
    post,
    path = "/me/address",
    operation_id = "me_address_change",
    tag = "me",
    security(("session" = [])),
    request_body = AddressChange,
    responses(
        (status = 202, description = "A link is sent to the new address", body = MailService),
        Change,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 403, description = "`sign_in_again`, `not_on_mobile`, `cross_site`", body = WireProblem),
        (status = 422, description = "`invalid`: among others with `wrong_password` or `no_mail`; `unknown_field`", body = WireProblem),
        (status = 429, description = "`too_many_requests`, with `Retry-After`", body = WireProblem),
    ),
)]
pub(super) async fn request(
    Web(requester): Web,
    client: ClientAddress,
    headers: HeaderMap,
    Json(AddressChange { email, password }): Json<AddressChange>,
) -> Result<(StatusCode, JsonAnswer<MailService>)> {
    let email = Address::parse(&email).ok_or_else(|| {
        Problem::invalid_field("email", FieldCode::NotAnAddress, "Enter an email address like ada@example.com.")
    })?;
    let app = requester.app();
    let by_password = is_own_password(app, &requester.authority().email, client, Password::new(password)).await?;
    let (post, secret, session) = (app.post(&headers), Secret::generate()?, *requester.session());
    let asked = requester.deed(move |deed| {
        address::require_own(deed, &session, by_password)?;
        address::request(deed, &email, &secret, post)
    });
    asked.await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(MailService { mails: true })))
}
