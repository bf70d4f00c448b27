//! Refusals of any route, and failures that may happen anywhere.

use api_types::FieldError;
use axum::http::StatusCode;

use super::answer::Problem;

/// Problems that any route may return: code, status, title, and the detail where nothing better is known.
///
/// Rules add their own (`not_on_web`, `lock_offline`, …), each made where the rule is enforced.
#[rustfmt::skip]
const COMMON: &[(&str, StatusCode, &str, &str)] = &[
    ("bad_cursor", StatusCode::BAD_REQUEST, "The cursor is not of this list", "Start again without a cursor."),
    ("both_credentials", StatusCode::BAD_REQUEST, "Two credentials at once", "Send the session's cookie or a bearer token, not both."),
    ("idempotency_key_required", StatusCode::BAD_REQUEST, "An Idempotency-Key is needed", "Send an Idempotency-Key of 1 to 128 visible ASCII characters, made before the first try and kept for every retry."),
    ("malformed_json", StatusCode::BAD_REQUEST, "The body is not JSON", "The request's body can't be read as JSON."),
    ("signed_out", StatusCode::UNAUTHORIZED, "Not signed in", "Sign in to go on."),
    ("wrong_credentials", StatusCode::UNAUTHORIZED, "Not signed in", "The email address or the password is wrong."),
    ("cross_site", StatusCode::FORBIDDEN, "The request came from another site", "Only Latchkey's own pages may make this request."),
    ("forbidden", StatusCode::FORBIDDEN, "Not allowed", "Your role doesn't allow this."),
    ("no_role", StatusCode::FORBIDDEN, "Nothing to sign in to", "You have no current tenancy and manage no property. Ask your property's manager."),
    ("not_a_resident", StatusCode::FORBIDDEN, "For residents", "The app is for people with a current tenancy. Ask your property's manager."),
    ("not_on_mobile", StatusCode::FORBIDDEN, "Not in the app", "This can only be done in the console."),
    ("not_on_web", StatusCode::FORBIDDEN, "Not on the web", "This can only be done in the mobile app: Access → My Access → Pick a Code → Custom Code."),
    ("not_found", StatusCode::NOT_FOUND, "Not found", "There is nothing here, or you may not see it."),
    ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed here", "This address doesn't take that method."),
    ("stale", StatusCode::PRECONDITION_FAILED, "Changed by somebody else", "It was changed since you read it. Read it again, then decide."),
    ("too_large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large", "The request's body is larger than this address takes."),
    ("unsupported_media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body's type is not taken here", "Send the body with the content type that this address takes."),
    ("idempotency_key_reused", StatusCode::UNPROCESSABLE_ENTITY, "The Idempotency-Key was used before", "Another request was made with this Idempotency-Key. Make a new key for a new request."),
    ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "The input is not valid", "Some of what was sent is not valid."),
    ("unknown_field", StatusCode::UNPROCESSABLE_ENTITY, "An unknown field", "The request has a field that is not known here."),
    ("if_match_required", StatusCode::PRECONDITION_REQUIRED, "If-Match is needed", "Send If-Match with the ETag of what you read."),
    ("too_many_requests", StatusCode::TOO_MANY_REQUESTS, "Too many attempts", "Wait a little, then try again."),
    ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", "The fault is ours. Try again, or contact support and quote the request's id."),
    ("record_unreadable", StatusCode::INTERNAL_SERVER_ERROR, "A record can't be read", "This record is damaged and can't be shown. Contact support, who see which it is."),
    ("timed_out", StatusCode::SERVICE_UNAVAILABLE, "The request took too long", "What was asked may or may not have been done. Try again with the same Idempotency-Key."),
    ("storage_unavailable", StatusCode::SERVICE_UNAVAILABLE, "The records can't be reached", "What was asked may or may not have been done. Try again with the same Idempotency-Key."),
];

impl Problem {
    /// A common problem by its code.
    fn common(code: &'static str) -> Self {
        let &(code, status, title, detail) =
            COMMON.iter().find(|row| row.0 == code).expect("every constructor names a row; a test calls each");
        Self::new(status, code, title, detail)
    }

    /// 400: a cursor of another list, or not one of ours.
    pub fn bad_cursor() -> Self {
        Self::common("bad_cursor")
    }

    /// 400: a cookie and a bearer token in one request.
    pub fn both_credentials() -> Self {
        Self::common("both_credentials")
    }

    /// 400: the request needs an `Idempotency-Key` and has no usable one.
    pub fn idempotency_key_required() -> Self {
        Self::common("idempotency_key_required")
    }

    /// 400: not JSON at all.
    pub fn malformed_json() -> Self {
        Self::common("malformed_json")
    }

    /// 401: no session, or one that is over.
    pub fn signed_out() -> Self {
        Self::common("signed_out")
    }

    /// 401: the same for a wrong password, an unknown and a disabled person.
    pub fn wrong_credentials() -> Self {
        Self::common("wrong_credentials")
    }

    /// 403: another site's page asked for a change.
    pub fn cross_site() -> Self {
        Self::common("cross_site")
    }

    /// 403: the caller's role can't do this anywhere. What they may not *see* is [`Problem::not_found`].
    pub fn role() -> Self {
        Self::common("forbidden")
    }

    /// 403: the right password of somebody who has no role here now.
    pub fn no_role() -> Self {
        Self::common("no_role")
    }

    /// 403: the app is for residents.
    pub fn not_a_resident() -> Self {
        Self::common("not_a_resident")
    }

    /// 403: for the console only.
    pub fn not_on_mobile() -> Self {
        Self::common("not_on_mobile")
    }

    /// 403: for the resident app only (R5).
    pub fn not_on_web() -> Self {
        Self::common("not_on_web")
    }

    /// 404: it doesn't exist or the caller may not see it; the same bytes for both (R33).
    pub fn not_found() -> Self {
        Self::common("not_found")
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::common("method_not_allowed")
    }

    /// 412: the `If-Match` names an older version.
    pub fn stale() -> Self {
        Self::common("stale")
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::common("too_large")
    }

    /// 415.
    pub fn unsupported_media_type() -> Self {
        Self::common("unsupported_media_type")
    }

    /// 422: the key was used with another request.
    pub fn idempotency_key_reused() -> Self {
        Self::common("idempotency_key_reused")
    }

    /// 422: bad input, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::common("invalid").with_errors(errors)
    }

    /// 422: bad input in one field. `code` is stable; `detail` is a sentence for the person.
    pub fn invalid_field(field: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), code: code.into(), detail: detail.into() }])
    }

    /// 422: an unknown field.
    pub fn unknown_field(field: impl Into<String>) -> Self {
        let field = field.into();
        let detail = format!("There is no field `{field}` here.");
        let errors = vec![FieldError { field, code: "unknown_field".into(), detail: detail.clone() }];
        Self::common("unknown_field").with_detail(detail).with_errors(errors)
    }

    /// 428: an edit without `If-Match`.
    pub fn if_match_required() -> Self {
        Self::common("if_match_required")
    }

    /// 429: try again after this many seconds (at least one).
    pub fn too_many_requests(retry_after_s: u64) -> Self {
        Self::common("too_many_requests").with_retry_after(retry_after_s)
    }

    /// 500: `error` is logged and not sent.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(error = %error, "internal error");
        Self::common("internal")
    }

    /// 500: the record it concerns is damaged; everything else carries on.
    pub fn record_unreadable() -> Self {
        Self::common("record_unreadable")
    }

    /// 503: it took too long, so what was asked may or may not have been done.
    pub fn timed_out() -> Self {
        Self::common("timed_out").with_retry_after(1)
    }

    /// 503: the database failed, so what was asked may or may not have been done.
    pub fn storage_unavailable() -> Self {
        Self::common("storage_unavailable").with_retry_after(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constructor_has_its_row_and_every_row_its_constructor() {
        let made = [
            Problem::bad_cursor(),
            Problem::both_credentials(),
            Problem::idempotency_key_required(),
            Problem::malformed_json(),
            Problem::signed_out(),
            Problem::wrong_credentials(),
            Problem::cross_site(),
            Problem::role(),
            Problem::no_role(),
            Problem::not_a_resident(),
            Problem::not_on_mobile(),
            Problem::not_on_web(),
            Problem::not_found(),
            Problem::method_not_allowed(),
            Problem::stale(),
            Problem::too_large(),
            Problem::unsupported_media_type(),
            Problem::idempotency_key_reused(),
            Problem::invalid(Vec::new()),
            Problem::unknown_field("x"),
            Problem::if_match_required(),
            Problem::too_many_requests(1),
            Problem::internal("a test"),
            Problem::record_unreadable(),
            Problem::timed_out(),
            Problem::storage_unavailable(),
        ];
        let made: Vec<&str> = made.iter().map(Problem::code).collect();
        let rows: Vec<&str> = COMMON.iter().map(|row| row.0).collect();
        assert_eq!(made, rows);
    }
}
