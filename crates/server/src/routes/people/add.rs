//! `POST /people`

use api_types::{NewStaffMember, StaffMember};
use axum::http::StatusCode;
use store::people;

use crate::domain::deed::Deed;
use crate::domain::{Refusal, staff};
use crate::extract::JsonBytes;
use crate::idempotency::{Answer, Once};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{KeyedJson, OfficeChange};
use crate::view;

/// Adds somebody to the staff, to be invited. For administrators.
#[utoipa::path(
    post,
    path = "/people",
    operation_id = "people_add",
    tag = "people",
    security(("session" = [])),
    params(("Idempotency-Key" = String, Header, description = "Made before the first try")),
    request_body = NewStaffMember,
    responses(
        (status = 201, description = "Added", body = StaffMember),
        KeyedJson,
        OfficeChange,
    ),
)]
pub(super) async fn add(Web(requester): Web, once: Once<JsonBytes>) -> Result<Answer> {
    requester.require_administrator()?;
    let new: NewStaffMember = once.body.parse()?;
    let first = move |deed: &Deed<'_>| {
        let id = staff::add(deed, &new)?;
        let found = people::staff_member(deed.tx, id, deed.now)?.ok_or_else(Refusal::not_found)?;
        Answer::new(StatusCode::CREATED, &view::staff::describe(deed.tx, found)?)
    };
    let again = |deed: &Deed<'_>, _: &mut Answer| deed.require_administrator();
    once.run(&requester, first, again).await
}
