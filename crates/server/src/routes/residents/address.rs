//! `POST /properties/{id}/residents/{resident_id}/address`

use api_types::{AddressCorrection, FieldCode, Problem as WireProblem, Resident};
use axum::Json as JsonAnswer;
use ids::{PropertyId, TenancyId};

use super::show::read;
use crate::domain::address;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};
use crate::text::Address;

/// Corrects the address of a resident who can't sign in yet (R38). An invitation that went to the old one no longer works.
#[utoipa::path(
    post,
    path = "/properties/{id}/residents/{resident_id}/address",
    operation_id = "residents_correct_address",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
    ),
    request_body = AddressCorrection,
    responses(
        (status = 200, description = "As it is now", body = Resident),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`already_active`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn correct(
    Web(requester): Web,
    Path((id, resident_id)): Path<(PropertyId, TenancyId)>,
    Json(AddressCorrection { email }): Json<AddressCorrection>,
) -> Result<JsonAnswer<Resident>> {
    requester.require_manager()?;
    let email = Address::parse(&email).ok_or_else(|| {
        Problem::invalid_field("email", FieldCode::NotAnAddress, "Enter an email address like ada@example.com.")
    })?;
    requester.deed(move |deed| address::correct(deed, id, resident_id, &email)).await?;
    read(&requester, id, resident_id).await.map(JsonAnswer)
}
