//! The rules' refusals as problems.

use api_types::ProblemCode;

use crate::domain::{Failure, Refusal};
use crate::problem::Problem;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, detail, checklist, errors, retry_after_s } = refusal;
        let problem = match code {
            // The same to everybody, whatever the record says of it.
            ProblemCode::NotFound => return Self::not_found(),
            ProblemCode::Forbidden => return Self::role(),
            ProblemCode::SignedOut => return Self::signed_out(),
            ProblemCode::IdempotencyKeyReused => return Self::idempotency_key_reused(),
            ProblemCode::RecordUnreadable => return Self::record_unreadable(),
            ProblemCode::Stale => Self::stale(),
            ProblemCode::TooManyRequests => Self::too_many_requests(retry_after_s.unwrap_or(1)).with_detail(detail),
            code => Self::new(code, detail),
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
