//! The rules' refusals as problems: which status goes with which code.

use axum::http::StatusCode;

use crate::domain::{Failure, Refusal};
use crate::problem::Problem;

/// Code, status and title of every refusal that a rule makes. What isn't here is 422.
#[rustfmt::skip]
const RULES: &[(&str, StatusCode, &str)] = &[
    ("not_on_web", StatusCode::FORBIDDEN, "Not on the web"),                                    // R5
    ("app_too_old", StatusCode::FORBIDDEN, "The app is too old"),                               // R4
    ("not_your_unit", StatusCode::FORBIDDEN, "Not your unit"),                                  // R1
    ("not_a_unit_door", StatusCode::FORBIDDEN, "Not a unit door"),                              // R2
    ("custom_codes_disabled", StatusCode::FORBIDDEN, "Custom codes are off at this property"),  // R3
    ("code_wrong_length", StatusCode::UNPROCESSABLE_ENTITY, "The code has another length"),     // R6
    ("code_not_digits", StatusCode::UNPROCESSABLE_ENTITY, "The code isn't of digits"),          // R6
    ("code_repeated_digit", StatusCode::UNPROCESSABLE_ENTITY, "One digit throughout"),          // R7
    ("code_consecutive", StatusCode::UNPROCESSABLE_ENTITY, "Digits in a row"),                  // R8
    ("code_unavailable_for_this_door", StatusCode::CONFLICT, "Not available for this door"),    // R11
    ("lock_offline", StatusCode::CONFLICT, "The lock can't be reached"),                        // R13
    ("not_checked", StatusCode::CONFLICT, "Not everything could be checked"),                   // R14
    ("codes_exhausted", StatusCode::CONFLICT, "No code is free"),                               // R18
    ("guest_codes_are_random", StatusCode::UNPROCESSABLE_ENTITY, "Guest codes are random"),     // R19
    ("delivery_not_for_this_door", StatusCode::UNPROCESSABLE_ENTITY, "Not for this door"),      // R20
    ("reason_required", StatusCode::UNPROCESSABLE_ENTITY, "A reason is needed"),                // R30
    ("too_many_shares", StatusCode::CONFLICT, "Enough links already"),
    ("pass_not_live", StatusCode::CONFLICT, "The pass hasn't begun"),
    ("code_ended", StatusCode::CONFLICT, "The code opens nothing any more"),
    ("roster_not_readable", StatusCode::UNPROCESSABLE_ENTITY, "The file can't be read"),
    ("roster_has_bad_rows", StatusCode::UNPROCESSABLE_ENTITY, "Some rows can't be imported"),
];

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, detail, checklist, errors, retry_after_s } = refusal;
        let problem = match code {
            "not_found" => return Self::not_found(),
            "forbidden" => return Self::role(),
            "signed_out" => return Self::signed_out(),
            "idempotency_key_reused" => return Self::idempotency_key_reused(),
            "record_unreadable" => return Self::record_unreadable(),
            "stale" => Self::stale(),
            "invalid" => Self::invalid(Vec::new()).with_detail(detail),
            "too_many_requests" => Self::too_many_requests(retry_after_s.unwrap_or(1)).with_detail(detail),
            code => match RULES.iter().find(|row| row.0 == code) {
                Some(&(code, StatusCode::FORBIDDEN, title)) => Self::forbidden(code, title, detail),
                Some(&(code, StatusCode::CONFLICT, title)) => Self::conflict(code, title, detail),
                Some(&(code, _, title)) => Self::unprocessable(code, title, detail),
                None => Self::unprocessable(code, "Refused", detail),
            },
        };
        let problem = problem.with_checklist(checklist).with_errors(errors);
        match retry_after_s {
            Some(seconds) => problem.with_retry_after(seconds),
            None => problem,
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use access_code::policy;

    use super::*;

    #[test]
    fn every_refusal_of_the_policy_has_its_status() {
        for refusal in policy::Refusal::ALL {
            assert!(RULES.iter().any(|row| row.0 == refusal.code()), "{}", refusal.code());
        }
    }
}
