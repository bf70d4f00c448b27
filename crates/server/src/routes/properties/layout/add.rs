//! `POST /properties/{id}/buildings`, `…/units` and `…/doors`

use api_types::{LayoutPart, NewBuilding, NewDoor, NewUnit};
use axum::http::StatusCode;
use ids::PropertyId;
use store::layout::PartRecord;
use store::properties;

use crate::domain::deed::Deed;
use crate::domain::{Done, Refusal, layout};
use crate::extract::{JsonBytes, Path};
use crate::idempotency::{Answer, Once};
use crate::problem::Result;
use crate::requester::{Requester, Web};
use crate::routes::responses::{KeyedJson, NotFound, OfficeChange};
use crate::view;

async fn add(
    requester: &Requester,
    property: PropertyId,
    once: Once<JsonBytes>,
    add: impl FnOnce(&Deed<'_>) -> Done<PartRecord> + Send + 'static,
) -> Result<Answer> {
    requester.require_setting_up()?;
    let first = move |deed: &Deed<'_>| Answer::new(StatusCode::CREATED, &view::layout::describe(&add(deed)?));
    // They may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        let (scope, _) = deed.set_up_scope()?;
        properties::get(deed.tx, scope, property)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    once.run(requester, first, again).await
}

/// Adds a building. For administrators and the property's managers.
#[utoipa::path(
    post,
    path = "/properties/{id}/buildings",
    operation_id = "layout_add_building",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    request_body = NewBuilding,
    responses(
        (status = 201, description = "Added", body = LayoutPart),
        KeyedJson,
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn building(Web(requester): Web, Path(id): Path<PropertyId>, once: Once<JsonBytes>) -> Result<Answer> {
    let new: NewBuilding = once.body.parse()?;
    add(&requester, id, once, move |deed| layout::add_building(deed, id, &new)).await
}

/// Adds a unit, without a door. For administrators and the property's managers.
#[utoipa::path(
    post,
    path = "/properties/{id}/units",
    operation_id = "layout_add_unit",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    request_body = NewUnit,
    responses(
        (status = 201, description = "Added", body = LayoutPart),
        KeyedJson,
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn unit(Web(requester): Web, Path(id): Path<PropertyId>, once: Once<JsonBytes>) -> Result<Answer> {
    let new: NewUnit = once.body.parse()?;
    add(&requester, id, once, move |deed| layout::add_unit(deed, id, &new)).await
}

/// Adds a door, to which no lock is linked yet (R35). A unit's door gets the codes of the unit's residents. For administrators
/// and the property's managers.
#[utoipa::path(
    post,
    path = "/properties/{id}/doors",
    operation_id = "layout_add_door",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    request_body = NewDoor,
    responses(
        (status = 201, description = "Added", body = LayoutPart),
        KeyedJson,
        OfficeChange,
        NotFound,
    ),
)]
pub(in crate::routes::properties) async fn door(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    once: Once<JsonBytes>,
) -> Result<Answer> {
    let new: NewDoor = once.body.parse()?;
    add(&requester, id, once, move |deed| layout::add_door(deed, id, &new)).await
}
