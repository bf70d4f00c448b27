//! A problem, and how it becomes a response.

use std::borrow::Cow;

use api_types::{ChecklistItem, FieldError, MaybeKnown, ProblemCode};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::kind::kind;
use crate::request_id;

/// What a handler returns instead of its result.
///
/// It is made by one of its constructors, so that a stable `code` always has the same status and title (`problem/kind.rs`).
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

/// Boxed because it is the error type of nearly everything here and mustn't make every result large.
#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    code: MaybeKnown<ProblemCode>,
    title: Cow<'static, str>,
    detail: Cow<'static, str>,
    checklist: Vec<ChecklistItem>,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
    /// Whether a deed has recorded this refusal (R31).
    on_record: bool,
}

/// The result of handlers.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// A problem of this code, with its status and title; `detail` says what happened and what the person can do.
    pub(crate) fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let (status, title) = kind(code);
        Self(Box::new(Parts {
            status,
            code: code.into(),
            title: title.into(),
            detail: detail.into(),
            checklist: Vec::new(),
            errors: Vec::new(),
            retry_after_s: None,
            on_record: false,
        }))
    }

    /// The same with another detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// The same with the whole checklist of the policy that refused (R14).
    #[must_use]
    pub fn with_checklist(mut self, checklist: Vec<ChecklistItem>) -> Self {
        self.0.checklist = checklist;
        self
    }

    /// The same with what is wrong, field by field.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// The same, to be retried after this many seconds.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds.max(1));
        self
    }

    /// The same, marked as recorded by a deed (R31).
    #[must_use]
    pub fn on_record(mut self) -> Self {
        self.0.on_record = true;
        self
    }

    /// The stable code.
    pub fn code(&self) -> &MaybeKnown<ProblemCode> {
        &self.0.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What happened, as a sentence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The problem in the API's form, with the current request's id.
    pub fn to_wire(&self) -> api_types::Problem {
        api_types::Problem {
            r#type: format!("/problems/{}", self.0.code),
            title: self.0.title.clone().into_owned(),
            status: self.0.status.as_u16(),
            detail: self.0.detail.clone().into_owned(),
            code: self.0.code.clone(),
            request_id: request_id::current(),
            checklist: self.0.checklist.clone(),
            retry_after_s: self.0.retry_after_s,
            errors: self.0.errors.clone(),
        }
    }

    /// A stored problem that is answered again, with the new request's id.
    pub(crate) fn from_wire(wire: api_types::Problem) -> Self {
        Self(Box::new(Parts {
            status: StatusCode::from_u16(wire.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: wire.code,
            title: wire.title.into(),
            detail: wire.detail.into(),
            checklist: wire.checklist,
            errors: wire.errors,
            retry_after_s: wire.retry_after_s,
            on_record: true,
        }))
    }
}

/// Marks a response as a refusal that no deed recorded: of a role, or of seeing something ([`crate::denials`]).
#[derive(Clone)]
pub(crate) struct RefusedUnrecorded(pub(crate) ProblemCode);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.to_wire()).unwrap_or_default();
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(code @ (ProblemCode::Forbidden | ProblemCode::NotFound | ProblemCode::NotOnMobile)) =
            self.0.code.known()
            && !self.0.on_record
        {
            response.extensions_mut().insert(RefusedUnrecorded(code));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use api_types::FieldCode;

    use super::*;

    #[test]
    fn a_replayed_problem_differs_only_in_its_request_id() {
        let first = Problem::new(ProblemCode::CustomCodesDisabled, "Not switched on.").with_errors(vec![FieldError {
            field: "code".into(),
            code: FieldCode::Invalid.into(),
            detail: "Off.".into(),
        }]);
        assert_eq!(Problem::from_wire(first.to_wire()).to_wire(), first.to_wire());
    }
}
