//! Refusals of any route, and failures that may happen anywhere, each with its sentence.

use api_types::{FieldCode, FieldError, ProblemCode};

use super::answer::Problem;

impl Problem {
    /// 400: a cursor of another list, or not one of ours.
    pub fn bad_cursor() -> Self {
        Self::new(ProblemCode::BadCursor, "Start again without a cursor.")
    }

    /// 400: a cookie and a bearer token in one request.
    pub fn both_credentials() -> Self {
        Self::new(ProblemCode::BothCredentials, "Send the session’s cookie or a bearer token, not both.")
    }

    /// 400: the request needs an `Idempotency-Key` and has no usable one.
    pub fn idempotency_key_required() -> Self {
        Self::new(
            ProblemCode::IdempotencyKeyRequired,
            "Send an Idempotency-Key of 1 to 128 visible ASCII characters, made before the first try and kept for every retry.",
        )
    }

    /// 400: not JSON at all.
    pub fn malformed_json() -> Self {
        Self::new(ProblemCode::MalformedJson, "The request’s body can’t be read as JSON.")
    }

    /// 401: no session, or one that is over.
    pub fn signed_out() -> Self {
        Self::new(ProblemCode::SignedOut, "Sign in to continue.")
    }

    /// 401: the same for a wrong password, an unknown and a disabled person.
    pub fn wrong_credentials() -> Self {
        Self::new(ProblemCode::WrongCredentials, "The email address or password is wrong.")
    }

    /// 403: another site's page asked for a change.
    pub fn cross_site() -> Self {
        Self::new(ProblemCode::CrossSite, "Only Latchkey’s own pages can make this request.")
    }

    /// 403: the caller's role can't do this anywhere. What they may not *see* is [`Problem::not_found`].
    pub fn role() -> Self {
        Self::new(ProblemCode::Forbidden, "Your role doesn’t allow this.")
    }

    /// 403: the right password of somebody who has no role here now.
    pub fn no_role() -> Self {
        Self::new(
            ProblemCode::NoRole,
            "You have no current tenancy and don’t manage a property. Ask your property’s manager.",
        )
    }

    /// 403: the app is for residents.
    pub fn not_a_resident() -> Self {
        Self::new(
            ProblemCode::NotAResident,
            "The app is for people with a current tenancy. Ask your property’s manager.",
        )
    }

    /// 403: for the console only.
    pub fn not_on_mobile() -> Self {
        Self::new(ProblemCode::NotOnMobile, "This can only be done in the console.")
    }

    /// 403: for the resident app only (R5).
    pub fn not_on_web() -> Self {
        Self::new(
            ProblemCode::NotOnWeb,
            "This can only be done in the mobile app: Access → My Access → Pick a Code → Custom Code.",
        )
    }

    /// 404: it doesn't exist or the caller may not see it; the same bytes for both (R33).
    pub fn not_found() -> Self {
        Self::new(ProblemCode::NotFound, "We can’t find this, or you don’t have access.")
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(ProblemCode::MethodNotAllowed, "This address doesn’t accept that method.")
    }

    /// 412: the `If-Match` names an older version.
    pub fn stale() -> Self {
        Self::new(ProblemCode::Stale, "This has changed since you opened it.")
    }

    /// 408: the body didn't arrive in time, so nothing was done.
    pub fn body_too_slow() -> Self {
        Self::new(
            ProblemCode::BodyTooSlow,
            "The request’s body didn’t arrive in time, so nothing was done. Send it again over a faster connection.",
        )
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(ProblemCode::TooLarge, "The request’s body is larger than this address accepts.")
    }

    /// 415.
    pub fn unsupported_media_type() -> Self {
        Self::new(ProblemCode::UnsupportedMediaType, "Send the body with the content type that this address accepts.")
    }

    /// 422: the key was used with another request.
    pub fn idempotency_key_reused() -> Self {
        Self::new(
            ProblemCode::IdempotencyKeyReused,
            "Another request was made with this Idempotency-Key. Make a new key for a new request.",
        )
    }

    /// 422: bad input, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(ProblemCode::Invalid, "Something here isn’t valid.").with_errors(errors)
    }

    /// 422: bad input in one field. `code` is stable; `detail` is a sentence for the person.
    pub fn invalid_field(field: impl Into<String>, code: FieldCode, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), code: code.into(), detail: detail.into() }])
    }

    /// 422: an unknown field.
    pub fn unknown_field(field: impl Into<String>) -> Self {
        let field = field.into();
        let detail = format!("There is no field `{field}` here.");
        let errors = vec![FieldError { field, code: FieldCode::UnknownField.into(), detail: detail.clone() }];
        Self::new(ProblemCode::UnknownField, "The request has a field that isn’t known here.")
            .with_detail(detail)
            .with_errors(errors)
    }

    /// 428: an edit without `If-Match`.
    pub fn if_match_required() -> Self {
        Self::new(ProblemCode::IfMatchRequired, "Send If-Match with the ETag of what you read.")
    }

    /// 429: try again after this many seconds (at least one).
    pub fn too_many_requests(retry_after_s: u64) -> Self {
        Self::new(ProblemCode::TooManyRequests, "Wait a moment, then try again.").with_retry_after(retry_after_s)
    }

    /// 500: `error` is logged and not sent.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(error = %error, "internal error");
        Self::new(
            ProblemCode::Internal,
            "Something went wrong on our side. Try again, or contact support and quote the request’s id.",
        )
    }

    /// 500: the record it concerns is damaged; everything else carries on.
    pub fn record_unreadable() -> Self {
        Self::new(
            ProblemCode::RecordUnreadable,
            "This record is damaged and can’t be shown. Contact support, who can see which one it is.",
        )
    }

    /// 503: it took too long, so what was asked may or may not have been done.
    pub fn timed_out() -> Self {
        Self::new(
            ProblemCode::TimedOut,
            "Your request may or may not have been carried out. Try again with the same Idempotency-Key.",
        )
        .with_retry_after(1)
    }

    /// 503: the database failed, so what was asked may or may not have been done.
    pub fn storage_unavailable() -> Self {
        Self::new(
            ProblemCode::StorageUnavailable,
            "Your request may or may not have been carried out. Try again with the same Idempotency-Key.",
        )
        .with_retry_after(1)
    }
}
