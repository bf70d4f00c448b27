//! `PATCH /people/{id}`

use api_types::{Problem as WireProblem, StaffMember, StaffMemberEdit};
use axum::Json as JsonAnswer;
use ids::PersonId;
use store::people;

use crate::domain::{Refusal, staff};
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};
use crate::view;

/// Changes somebody's roles, or whether they may sign in. For administrators.
///
/// Who is disabled is signed out everywhere at once; what was issued by a right that is lost is revoked.
#[utoipa::path(
    patch,
    path = "/people/{id}",
    operation_id = "people_edit",
    tag = "people",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The person")),
    request_body = StaffMemberEdit,
    responses(
        (status = 200, description = "As it is now", body = StaffMember),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`last_administrator`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn edit(
    Web(requester): Web,
    Path(id): Path<PersonId>,
    Json(edit): Json<StaffMemberEdit>,
) -> Result<JsonAnswer<StaffMember>> {
    requester.require_administrator()?;
    let edited = requester.deed(move |deed| {
        staff::edit(deed, id, &edit)?;
        let found = people::staff_member(deed.tx, id, deed.now)?.ok_or_else(Refusal::not_found)?;
        Ok(view::staff::describe(deed.tx, found)?)
    });
    edited.await.map(JsonAnswer)
}
