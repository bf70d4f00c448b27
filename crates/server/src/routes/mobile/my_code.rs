//! `PUT /me/code`: mounted here, on the mobile router, and nowhere else (R5).

use access_code::Length;
use api_types::{FieldCode, MyAccess, Problem as WireProblem};
use axum::extract::{FromRequest, FromRequestParts, Request as HttpRequest};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::auth::Via;
use crate::domain::deed::Deed;
use crate::domain::{Refusal, resident_code};
use crate::extract::{JsonBytes, Query};
use crate::idempotency::{Answer, Once};
use crate::problem::{Problem, Result};
use crate::requester::AnyChannel;
use crate::routes::me::Meant;
use crate::routes::responses::{KeyedJson, SignedIn};
use crate::view;

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
    params(Meant, ("Idempotency-Key" = String, Header, description = "Made before the first try")),
    request_body = MyCode,
    responses(
        (status = 200, description = "The new code, without digits, on its way to the lock", body = MyAccess),
        KeyedJson,
        SignedIn,
        (status = 403, description = "`not_on_web`, `app_too_old`, `custom_codes_disabled`, … with the checklist", body = WireProblem),
        (status = 409, description = "`lock_offline`, `code_unavailable_for_this_door`, `codes_exhausted`, with the checklist", body = WireProblem),
        (status = 422, description = "`code_wrong_length`, `code_repeated_digit`, `code_consecutive`, … with the checklist", body = WireProblem),
        (status = 429, description = "`too_many_requests`", body = WireProblem),
    ),
)]
pub(super) async fn set(AnyChannel(requester): AnyChannel, request: HttpRequest) -> Result<Answer> {
    if requester.authority().via == Via::Web {
        // Always refuses, with the checklist if there is one, and records that.
        requester.deed(resident_code::refuse_on_web).await?;
        return Err(Problem::not_on_web());
    }
    let (mut parts, body) = request.into_parts();
    let Query(Meant { tenancy: meant }) = Query::from_request_parts(&mut parts, requester.app()).await?;
    let request = HttpRequest::from_parts(parts, body);
    let once = Once::<JsonBytes>::from_request(request, requester.app()).await?;
    let wanted: MyCode = once.body.parse()?;
    let first = move |deed: &Deed<'_>| {
        match &wanted {
            MyCode::Custom { code } => resident_code::pick_custom(deed, meant, code)?,
            MyCode::Random { length } => {
                let length = Length::from_digits(usize::from(*length));
                let length = length.ok_or_else(|| Refusal::invalid("length", FieldCode::WrongLength, "4 or 6."))?;
                resident_code::take_random(deed, meant, length)?
            }
        };
        // Read again, because it has the new code now.
        let tenancy = deed.tenancy(meant)?;
        Answer::new(StatusCode::OK, &view::access::describe(&deed.lookup(), &tenancy)?)
    };
    let again = move |deed: &Deed<'_>, _: &mut Answer| deed.tenancy(meant).map(|_| ());
    once.run(&requester, first, again).await
}
