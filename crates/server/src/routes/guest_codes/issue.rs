//! `POST /guest-codes`

use std::collections::BTreeMap;

use api_types::{GuestCodeRequest, IssuedGuestCode, Problem as WireProblem, ProblemCode};
use axum::http::StatusCode;
use ids::GuestCodeId;
use serde::de::IgnoredAny;
use unicode_normalization::UnicodeNormalization;

use crate::domain::deed::Deed;
use crate::domain::{Refusal, guest_code, reveal};
use crate::extract::{JsonBytes, field_name};
use crate::idempotency::{Answer, Once};
use crate::problem::{Problem, Result};
use crate::requester::WebOrMobile;
use crate::routes::responses::{KeyedJson, OfficeChange};
use crate::view;

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
        KeyedJson,
        OfficeChange,
        (status = 404, description = "`not_found`: a door that the caller may not use", body = WireProblem),
        (status = 409, description = "`codes_exhausted`, `too_many_guest_codes`", body = WireProblem),
        (status = 422, description = "`guest_codes_are_random`, `invalid`, `unknown_field`, \
            `delivery_not_for_this_door`, `idempotency_key_reused`", body = WireProblem),
    ),
)]
pub(super) async fn issue(WebOrMobile(requester): WebOrMobile, once: Once<JsonBytes>) -> Result<Answer> {
    let authority = requester.authority();
    if !authority.is_manager() && !authority.is_resident() {
        return Err(Problem::role());
    }
    if let Some(field) = own_digits(&once.body)? {
        requester.deed(move |deed| guest_code::refuse_own_digits(deed, &field)).await?;
    }
    let request: GuestCodeRequest = once.body.parse()?;
    let first = move |deed: &Deed<'_>| {
        let (id, code) = guest_code::issue(deed, &request)?;
        let described = view::guest_code::describe_one(&deed.lookup(), id)?;
        Ok(Answer::new(StatusCode::CREATED, &described)?.with_digits(id.code(), &code))
    };
    // The first answer, for those who may still see the code: a manager may have lost the property since.
    let again = |deed: &Deed<'_>, answer: &mut Answer| {
        let Some(id) = answer.code_id() else { return Ok(()) };
        guest_code::find(&deed.lookup(), GuestCodeId::of_code(id))?.ok_or_else(Refusal::not_found)?;
        if let Some(code) = reveal::show_again(deed, id)? {
            answer.show(&code);
        }
        Ok(())
    };
    once.run(&requester, first, again).await
}

/// The first field of the body that stands for digits of the client's own (R19).
pub(super) fn own_digits(body: &JsonBytes) -> Result<Option<String>> {
    let fields: BTreeMap<String, IgnoredAny> = match body.parse() {
        Ok(fields) => fields,
        // What isn't an object has no fields.
        Err(problem) if problem.code().is(ProblemCode::Invalid) => BTreeMap::new(),
        Err(problem) => return Err(problem),
    };
    Ok(fields.keys().find(|name| is_of_digits(name)).map(|name| field_name(name)))
}

/// Whether a field of that name would hold digits, however it is spelled: `code`, `Code`, `keypad_code`, `pinCode`,
/// `PINs`. No field of a request for a guest code has such a name.
fn is_of_digits(name: &str) -> bool {
    let letters: String = name.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let one = letters.trim_end_matches(|c: char| c == 's' || c.is_numeric());
    ["code", "pin", "digit"].iter().any(|end| one.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r19_digits_are_known_by_any_spelling_of_their_field() {
        for name in [
            "code",
            "Code",
            "CODE",
            "pin",
            "PIN",
            "pins",
            "digits",
            "keypad_code",
            "keypadCode",
            "access-code",
            "code1",
            "ｃｏｄｅ",
        ] {
            assert!(is_of_digits(name), "{name}");
        }
        for name in
            ["kind", "door_ids", "guest_name", "reference", "starts_at", "ends_at", "recurrence", "length", "encoding"]
        {
            assert!(!is_of_digits(name), "{name}");
        }
    }
}
