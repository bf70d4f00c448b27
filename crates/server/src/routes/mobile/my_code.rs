//! `PUT /me/code`: mounted here, on the mobile router, and nowhere else (R5).

use access_code::policy::Channel as PolicyChannel;
use access_code::{Facts, Length, decide};
use api_types::{MyAccess, Problem as WireProblem, Role, Subject};
use axum::extract::{FromRequest, FromRequestParts, Request as HttpRequest, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::app::App;
use crate::auth::{AnyChannel, Caller, Via};
use crate::domain::{Refusal, checklist, resident_code};
use crate::extract::{IdempotencyKey, JsonBytes};
use crate::idempotency::{Answer, Begun, Request, begin};
use crate::problem::{Problem, Result};
use crate::routes::deed::{finish, finish_once};
use crate::routes::me;

/// A resident's own code: one of their choice or another random one. No `Debug`: it holds digits.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum MyCode {
    /// The digits that the resident picked (R1–R14).
    Custom {
        /// Exactly 4 or 6 digits, as text.
        #[schema(value_type = String)]
        code: Zeroizing<String>,
    },
    /// Another random code (R16).
    Random {
        /// 4 or 6.
        length: u8,
    },
}

/// Changes the resident's own code, in the app alone. A session of the console is refused before anything else of the
/// request is looked at, whatever its headers and body claim; that goes on record.
#[utoipa::path(
    put,
    path = "/me/code",
    operation_id = "me_code_set",
    tag = "mobile",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Made before the first try")),
    request_body = MyCode,
    responses(
        (status = 200, description = "The new code, without digits, on its way to the lock", body = MyAccess),
        (status = 400, description = "`idempotency_key_required`, `malformed_json`", body = WireProblem),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`not_on_web`, `app_too_old`, `custom_codes_disabled`, … with the checklist", body = WireProblem),
        (status = 409, description = "`lock_offline`, `code_unavailable_for_this_door`, `codes_exhausted`, with the checklist", body = WireProblem),
        (status = 422, description = "`code_wrong_length`, `code_repeated_digit`, `code_consecutive`, … with the checklist", body = WireProblem),
        (status = 429, description = "`too_many_requests`", body = WireProblem),
    ),
)]
pub(super) async fn set(
    State(app): State<App>,
    AnyChannel(caller): AnyChannel,
    request: HttpRequest,
) -> Result<Answer> {
    if caller.via == Via::Web {
        return Err(refuse_web(&app, &caller).await?);
    }
    let (mut parts, body) = request.into_parts();
    let key = IdempotencyKey::from_request_parts(&mut parts, &app).await?;
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    let body = JsonBytes::from_request(HttpRequest::from_parts(parts, body), &app).await?;
    let wanted: MyCode = body.parse()?;
    let now = app.now();
    let by = caller.by(Role::Resident);
    let mut once =
        match begin(&app, caller.person_id, key, Request { method: &method, uri: &uri, body: &body.0 }).await? {
            Begun::First(once) => once,
            Begun::Again(answer) => return Ok(answer),
        };
    let tenancy = caller.tenancy_record(&mut once).await?.ok_or_else(Problem::role)?;
    let done = match &wanted {
        MyCode::Custom { code } => resident_code::pick_custom(app.store(), &mut once, &by, &tenancy, code, now).await,
        MyCode::Random { length } => {
            let length = Length::from_digits(usize::from(*length));
            let length = length.ok_or_else(|| Problem::invalid_field("length", "wrong_length", "4 or 6."))?;
            resident_code::take_random(app.store(), &mut once, &by, &tenancy, length, now).await
        }
    };
    let answer = finish_once(once, StatusCode::OK, done, async |tx, _| {
        let tenancy = caller.tenancy_record(tx).await?.ok_or_else(Problem::role)?;
        Ok((me::describe(tx, &tenancy, &caller.channel()).await?, None))
    })
    .await?;
    app.wake().wake();
    Ok(answer)
}

/// Puts the attempt on record and makes the refusal, with the whole checklist for those who live here (R14).
async fn refuse_web(app: &App, caller: &Caller) -> Result<Problem> {
    let mut tx = app.store().begin().await?;
    let tenancy = caller.tenancy_record(&mut tx).await?;
    let decision = match &tenancy {
        Some(tenancy) => resident_code::eligibility(&mut tx, tenancy, &caller.channel()).await?,
        None => decide(&Facts { is_resident: Some(false), ..Facts::new(PolicyChannel::Web) }),
    };
    let detail = format!("A code is picked in the mobile app, never on the web. {}", decision.next_step);
    let refusal = Refusal { checklist: checklist(&decision), ..Refusal::new("not_on_web", detail) };
    let subject = match &tenancy {
        Some(tenancy) => {
            Subject { kind: "unit".into(), id: Some(tenancy.unit_id), name: format!("Unit {}", tenancy.unit) }
        }
        None => Subject { kind: "person".into(), id: Some(caller.person_id), name: caller.name.clone() },
    };
    let mut event =
        caller.by(caller.roles().first().copied().unwrap_or(Role::Resident)).event("code.custom.refused", subject);
    event.property_id = tenancy.as_ref().map(|tenancy| tenancy.property_id).or_else(|| caller.home_property());
    event.resident_id = tenancy.map(|tenancy| tenancy.id);
    let failure = refusal.record(&mut tx, app.now(), event).await?;
    match finish::<()>(tx, Err(failure)).await {
        Err(problem) => Ok(problem),
        Ok(()) => Ok(Problem::not_on_web()),
    }
}
