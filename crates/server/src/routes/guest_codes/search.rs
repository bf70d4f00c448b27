//! `POST /guest-codes/search`

use api_types::{FieldCode, GuestCode, GuestCodeSearch, Page};
use axum::Json as JsonAnswer;
use store::guest_codes::Filter;
use store::placements::OnLock;

use super::list::page;
use crate::domain::guest_code::MAX_GUEST_NAME;
use crate::extract::{Json, Limit};
use crate::problem::{Problem, Result};
use crate::requester::WebOrMobile;
use crate::routes::responses::{OfficeChange, Paged};

/// Guest codes whose guest has that name, newest first, from those that the list has. Never with digits (R30).
#[utoipa::path(
    post,
    path = "/guest-codes/search",
    operation_id = "guest_codes_search",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    request_body = GuestCodeSearch,
    responses(
        (status = 200, description = "A page", body = Page<GuestCode>),
        Paged,
        OfficeChange,
    ),
)]
pub(super) async fn search(
    WebOrMobile(requester): WebOrMobile,
    Json(wanted): Json<GuestCodeSearch>,
) -> Result<JsonAnswer<Page<GuestCode>>> {
    if wanted.guest.chars().count() > MAX_GUEST_NAME {
        return Err(Problem::invalid_field("guest", FieldCode::TooLong, "Use at most 80 characters."));
    }
    let limit = wanted.limit.map_or_else(Limit::default, Limit);
    if !(1..=200).contains(&limit.0) {
        return Err(Problem::invalid_field("limit", FieldCode::Invalid, "A page has 1 to 200 items."));
    }
    let filter = Filter {
        property: wanted.property,
        kind: wanted.kind,
        state: wanted.status,
        worst: None,
        on_lock: OnLock { door: wanted.door, ..OnLock::default() },
        tenancy: wanted.resident,
        guest: wanted.guest,
    };
    page(requester, filter, wanted.cursor, limit).await
}
