//! `PATCH /properties/{id}`

use api_types::{Problem as WireProblem, Property, PropertyEdit};
use axum::Json as JsonAnswer;
use axum::response::IntoResponse;
use ids::PropertyId;

use crate::domain::property;
use crate::extract::{IfMatch, Json, Path, etag_header};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Changes what is set for a property: custom codes (R3), by its managers alone; its name, whom residents turn to, guest
/// codes for each unit, deliveries to unit doors (R20), and how early guest codes are sent (R44). No code that exists is changed
/// by it (R12), though those that are scheduled are sent as it says from then on.
#[utoipa::path(
    patch,
    path = "/properties/{id}",
    operation_id = "properties_edit",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("If-Match" = String, Header, description = "The `ETag` of what was read"),
    ),
    request_body = PropertyEdit,
    responses(
        (status = 200, description = "As it is now, with its `ETag`", body = Property),
        OfficeChange,
        NotFound,
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn edit(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    if_match: IfMatch,
    Json(edit): Json<PropertyEdit>,
) -> Result<impl IntoResponse> {
    let scope = requester.require_setting_up()?;
    requester.deed(move |deed| property::edit(deed, id, |version| if_match.check(version).is_ok(), &edit)).await?;
    let (version, property) = requester.read(move |lookup| super::show::find(lookup, scope, id)).await?;
    Ok((etag_header(version), JsonAnswer(property)))
}
