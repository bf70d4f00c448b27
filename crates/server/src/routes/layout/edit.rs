//! `PATCH /buildings/{id}`, `/units/{id}` and `/doors/{id}`

use api_types::{LayoutEdit, LayoutPart, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::response::IntoResponse;
use ids::{BuildingId, DoorId, UnitId};
use store::layout::Part;

use crate::domain::layout;
use crate::extract::{IfMatch, Json, Path, etag_header};
use crate::problem::Result;
use crate::requester::{Requester, Web};
use crate::routes::responses::{NotFound, OfficeChange};
use crate::view;

async fn edit(
    requester: &Requester,
    part: Part,
    if_match: IfMatch,
    edit: LayoutEdit,
) -> Result<impl IntoResponse + use<>> {
    requester.require_setting_up()?;
    let edited = requester.deed(move |deed| layout::edit(deed, part, |version| if_match.check(version).is_ok(), &edit));
    let record = edited.await?;
    Ok((etag_header(record.version), JsonAnswer(view::layout::describe(&record))))
}

/// Renames a building, or brings a retired one back. For administrators and the property's managers.
#[utoipa::path(
    patch,
    path = "/buildings/{id}",
    operation_id = "layout_edit_building",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The building"),
        ("If-Match" = String, Header, description = "The `etag` of what was read"),
    ),
    request_body = LayoutEdit,
    responses(
        (status = 200, description = "As it is now, with its `ETag`", body = LayoutPart),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`retired`", body = WireProblem),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn building(
    Web(requester): Web,
    Path(id): Path<BuildingId>,
    if_match: IfMatch,
    Json(change): Json<LayoutEdit>,
) -> Result<impl IntoResponse> {
    edit(&requester, Part::Building(id), if_match, change).await
}

/// Renames a unit, moves it with its doors into another building, or brings a retired one back with the doors that were
/// retired with it. For administrators and the property's managers.
///
/// Guest codes that its residents issued are taken off doors that are no longer on the way to it (R21, R24).
#[utoipa::path(
    patch,
    path = "/units/{id}",
    operation_id = "layout_edit_unit",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The unit"),
        ("If-Match" = String, Header, description = "The `etag` of what was read"),
    ),
    request_body = LayoutEdit,
    responses(
        (status = 200, description = "As it is now, with its `ETag`", body = LayoutPart),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`retired`", body = WireProblem),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn unit(
    Web(requester): Web,
    Path(id): Path<UnitId>,
    if_match: IfMatch,
    Json(change): Json<LayoutEdit>,
) -> Result<impl IntoResponse> {
    edit(&requester, Part::Unit(id), if_match, change).await
}

/// Renames a door, moves it into another building, makes an amenity door a property door or the other way round, or brings a
/// retired one back. For administrators and the property's managers.
///
/// Guest codes are taken off a door for which their issuer couldn't issue them any more (R20, R21, R24). A unit's door that is
/// brought back gets the codes of the unit's residents again, but no guest codes.
#[utoipa::path(
    patch,
    path = "/doors/{id}",
    operation_id = "layout_edit_door",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The door"),
        ("If-Match" = String, Header, description = "The `etag` of what was read"),
    ),
    request_body = LayoutEdit,
    responses(
        (status = 200, description = "As it is now, with its `ETag`", body = LayoutPart),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 409, description = "`retired`", body = WireProblem),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn door(
    Web(requester): Web,
    Path(id): Path<DoorId>,
    if_match: IfMatch,
    Json(change): Json<LayoutEdit>,
) -> Result<impl IntoResponse> {
    edit(&requester, Part::Door(id), if_match, change).await
}
