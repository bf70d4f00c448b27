//! `POST /guest-codes/{id}/revoke`

use api_types::{GuestCode, Problem as WireProblem};
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use uuid::Uuid;

use crate::app::App;
use crate::auth::WebOrMobile;
use crate::domain::guest_code;
use crate::extract::{IdempotencyKey, Path};
use crate::idempotency::{Answer, Begun, Request, begin};
use crate::problem::{Problem, Result};
use crate::routes::deed::finish_once;

/// Revokes a guest code. Until a lock confirms the removal, its placement is `being_removed`: it still opens (R24).
#[utoipa::path(
    post,
    path = "/guest-codes/{id}/revoke",
    operation_id = "guest_codes_revoke",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = Uuid, Path, description = "The guest code"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    responses(
        (status = 200, description = "Revoked; its locks are being told", body = GuestCode),
        (status = 400, description = "`idempotency_key_required`", body = WireProblem),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`cross_site`", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
        (status = 422, description = "`idempotency_key_reused`", body = WireProblem),
    ),
)]
pub(super) async fn revoke(
    State(app): State<App>,
    WebOrMobile(caller): WebOrMobile,
    method: Method,
    uri: Uri,
    Path(id): Path<Uuid>,
    key: IdempotencyKey,
) -> Result<Answer> {
    let now = app.now();
    let mut once = match begin(&app, caller.person_id, key, Request { method: &method, uri: &uri, body: b"" }).await? {
        Begun::First(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let scopes = caller.scopes();
    let record = guest_code::find(&mut once, &scopes, id).await?.ok_or_else(Problem::not_found)?;
    let by = caller.by(caller.role_towards(record.tenancy_id));
    let done = guest_code::revoke(&mut once, &by, &scopes, id, now).await;
    let answer = finish_once(once, StatusCode::OK, done, async |tx, ()| {
        let record = guest_code::find(tx, &scopes, id).await?.ok_or_else(Problem::not_found)?;
        let described = super::describe(tx, &caller, vec![record], now).await?.pop();
        Ok((described.ok_or_else(Problem::not_found)?, None))
    })
    .await?;
    app.wake().wake();
    Ok(answer)
}
