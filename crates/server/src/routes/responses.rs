//! What handlers refuse alike, for the contract: each set of answers is described here once.
//!
//! What a handler says about a status after such a set replaces what the set says.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

type Responses = BTreeMap<String, RefOr<Response>>;

/// Problems by status, with the codes they may have.
fn problems<const N: usize>(problems: [(u16, &str); N]) -> Responses {
    let response = |codes: &str| {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        ResponseBuilder::new().description(codes).content("application/problem+json", problem).build()
    };
    problems.into_iter().map(|(status, codes)| (status.to_string(), RefOr::T(response(codes)))).collect()
}

/// What anybody who is signed in may read.
pub(super) enum SignedIn {}

impl IntoResponses for SignedIn {
    fn responses() -> Responses {
        problems([(401, "`signed_out`")])
    }
}

/// A change by anybody who is signed in.
pub(super) enum Change {}

impl IntoResponses for Change {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`cross_site`")])
    }
}

/// What managers, or support too, may read.
pub(super) enum Office {}

impl IntoResponses for Office {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`forbidden`")])
    }
}

/// A change by a manager.
pub(super) enum OfficeChange {}

impl IntoResponses for OfficeChange {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`forbidden`, `cross_site`")])
    }
}

/// What support alone may read.
pub(super) enum SupportOnly {}

impl IntoResponses for SupportOnly {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`forbidden`: support only")])
    }
}

/// A change to one's own sessions.
pub(super) enum OwnSessionsChange {}

impl IntoResponses for OwnSessionsChange {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`cross_site`")])
    }
}

/// What anybody may read about themselves in the console.
pub(super) enum Own {}

impl IntoResponses for Own {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`not_on_mobile`")])
    }
}

/// A change that anybody makes to what is theirs, in the console.
pub(super) enum OwnChange {}

impl IntoResponses for OwnChange {
    fn responses() -> Responses {
        problems([(401, "`signed_out`"), (403, "`not_on_mobile`, `cross_site`")])
    }
}

/// Such a change that takes the password again, if one signed in a while ago.
pub(super) enum OwnConfirmed {}

impl IntoResponses for OwnConfirmed {
    fn responses() -> Responses {
        problems([
            (400, "`malformed_json`"),
            (401, "`signed_out`"),
            (403, "`sign_in_again`, `not_on_mobile`, `cross_site`"),
            (422, "`invalid`: among others with `wrong_password`; `unknown_field`"),
            (429, "`too_many_requests`, with `Retry-After`"),
        ])
    }
}

/// Endpoints used without being signed in.
pub(super) enum SigningIn {}

impl IntoResponses for SigningIn {
    fn responses() -> Responses {
        problems([
            (401, "`wrong_credentials`"),
            (422, "`invalid`, `unknown_field`"),
            (429, "`too_many_requests`, with `Retry-After`"),
        ])
    }
}

/// What anybody with a guest's link may get.
pub(super) enum ByLink {}

impl IntoResponses for ByLink {
    fn responses() -> Responses {
        problems([
            (400, "`malformed_json`"),
            (403, "`cross_site`"),
            (404, "`not_found`: no such link, or over"),
            (422, "`invalid`, `unknown_field`"),
            (429, "`too_many_requests`, with `Retry-After`"),
        ])
    }
}

/// It doesn't exist or the caller may not see it (R33).
pub(super) enum NotFound {}

impl IntoResponses for NotFound {
    fn responses() -> Responses {
        problems([(404, "`not_found`")])
    }
}

/// It doesn't exist on a real server.
pub(super) enum DemonstrationOnly {}

impl IntoResponses for DemonstrationOnly {
    fn responses() -> Responses {
        problems([(404, "`not_found`, also where this is no demonstration")])
    }
}

/// A deed that is requested with a key.
pub(super) enum Keyed {}

impl IntoResponses for Keyed {
    fn responses() -> Responses {
        problems([(400, "`idempotency_key_required`"), (422, "`idempotency_key_reused`")])
    }
}

/// A deed that is requested with a key and a body.
pub(super) enum KeyedJson {}

impl IntoResponses for KeyedJson {
    fn responses() -> Responses {
        problems([
            (400, "`idempotency_key_required`, `malformed_json`"),
            (422, "`idempotency_key_reused`, `invalid`, `unknown_field`"),
        ])
    }
}

/// A list that is read page by page.
pub(super) enum Paged {}

impl IntoResponses for Paged {
    fn responses() -> Responses {
        problems([(400, "`bad_cursor`"), (422, "`invalid`")])
    }
}
