//! `POST /guest-codes`

use api_types::{GuestCodeRequest, IssuedGuestCode, Problem as WireProblem, Role};
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use store::{Store, codes};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Caller, WebOrMobile};
use crate::domain::{Failure, guest_code};
use crate::extract::{IdempotencyKey, JsonBytes};
use crate::idempotency::{Answer, Begun, Request, begin};
use crate::problem::{Problem, Result};
use crate::routes::deed::{finish, finish_once};

/// Names under which clients have been seen to send digits of their own.
const OWN_DIGITS: [&str; 8] =
    ["code", "pin", "digits", "pin_code", "access_code", "custom_code", "passcode", "entry_code"];

/// Issues a guest code with random digits (R19), which are in the answer this once (R23).
///
/// A request with digits of its own is refused, not silently stripped of them.
#[utoipa::path(
    post,
    path = "/guest-codes",
    operation_id = "guest_codes_issue",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Made before the first try")),
    request_body = GuestCodeRequest,
    responses(
        (status = 201, description = "Issued; its locks are being told", body = IssuedGuestCode),
        (status = 400, description = "`idempotency_key_required`, `malformed_json`", body = WireProblem),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`, `cross_site`", body = WireProblem),
        (status = 404, description = "`not_found`: a door that the caller may not use", body = WireProblem),
        (status = 409, description = "`codes_exhausted`", body = WireProblem),
        (status = 422, description = "`guest_codes_are_random`, `invalid`, `unknown_field`, \
            `delivery_not_for_this_door`, `idempotency_key_reused`", body = WireProblem),
    ),
)]
pub(super) async fn issue(
    State(app): State<App>,
    WebOrMobile(caller): WebOrMobile,
    method: Method,
    uri: Uri,
    key: IdempotencyKey,
    body: JsonBytes,
) -> Result<Response> {
    let now = app.now();
    if caller.manages.is_empty() && caller.tenancy.is_none() {
        return Err(Problem::role());
    }
    let role = if caller.tenancy.is_some() { Role::Resident } else { Role::Manager };
    if let Some(field) = own_digits(&body)? {
        let mut tx = app.store().begin().await?;
        let tenancy = caller.tenancy_record(&mut tx).await?;
        let issuer = caller.issuer(tenancy.as_ref());
        let done = guest_code::refuse_own_digits(&mut tx, &caller.by(role), &issuer, field, now).await;
        finish(tx, done).await?;
    }
    let request: GuestCodeRequest = body.parse()?;
    let mut once =
        match begin(&app, caller.person_id, key, Request { method: &method, uri: &uri, body: &body.0 }).await? {
            Begun::First(once) => once,
            Begun::Again(answer) => return again(&app, &caller, answer).await,
        };
    let tenancy = caller.tenancy_record(&mut once).await?;
    let issuer = caller.issuer(tenancy.as_ref());
    let done = guest_code::issue(app.store(), &mut once, &caller.by(role), &issuer, &request, now).await;
    let done: Result<Uuid, Failure> = done.map(|(id, _)| id);
    let answer = finish_once(once, StatusCode::CREATED, done, async |tx, id| {
        let record = guest_code::find(tx, &caller.scopes(), id).await?.ok_or_else(Problem::not_found)?;
        let described = super::describe(tx, &caller, vec![record], now).await?.pop();
        Ok((described.ok_or_else(Problem::not_found)?, Some(id)))
    })
    .await?;
    app.wake().wake();
    with_digits(app.store(), answer).await
}

/// The answer of the first time, for those who may still see the code: a manager may have lost the property since.
async fn again(app: &App, caller: &Caller, answer: Answer) -> Result<Response> {
    if let Some(code_id) = answer.code_id {
        let mut db = app.store().read().await?;
        guest_code::find(&mut db, &caller.scopes(), code_id).await?.ok_or_else(Problem::not_found)?;
    }
    with_digits(app.store(), answer).await
}

/// Adds the digits to the answer, which is kept without them (R32).
async fn with_digits(store: &Store, answer: Answer) -> Result<Response> {
    let Some(code_id) = answer.code_id else { return Ok(answer.into_response()) };
    let mut db = store.read().await?;
    let record = codes::get(&mut db, code_id).await?.ok_or_else(Problem::not_found)?;
    let code = codes::open(store, &mut db, &record).await?;
    Ok(answer.with("code", code.expose()).into_response())
}

/// The first field of the body that means digits of its own.
fn own_digits(body: &JsonBytes) -> Result<Option<&'static str>> {
    let value: serde_json::Value = body.parse()?;
    Ok(value.as_object().and_then(|object| OWN_DIGITS.into_iter().find(|name| object.contains_key(*name))))
}
