//! `GET /properties/{id}/doors`

use std::collections::HashSet;

use api_types::{Door, DoorState, MaybeKnown, Page, PlacementReason, PlacementStatus};
use axum::Json;
use ids::{DoorId, HubId, PropertyId};
use serde::Deserialize;
use store::placements::{self, OnLock};
use store::{doors, properties};
use utoipa::IntoParams;

use crate::extract::{Path, Query};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// Whether the door works.
    state: Option<DoorState>,
    /// The hub that drives its lock.
    hub: Option<HubId>,
    /// The status of a code on its lock that isn't as it should be.
    on_lock: Option<PlacementStatus>,
    /// Why such a code isn't as it should be, as in the property's needs.
    #[param(value_type = Option<PlacementReason>)]
    reason: Option<MaybeKnown<PlacementReason>>,
    /// Both lock and hub answer, or don't.
    reachable: Option<bool>,
    /// Accepted for the sake of lists; all doors are in one page.
    #[expect(dead_code, reason = "every list takes it")]
    limit: Option<u32>,
}

/// All doors of a property with their locks, by name, in one page: a property has some hundreds.
#[utoipa::path(
    get,
    path = "/properties/{id}/doors",
    operation_id = "properties_doors",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property"), Options),
    responses(
        (status = 200, description = "By name", body = Page<Door>),
        Office,
        NotFound,
    ),
)]
pub(super) async fn doors(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<Options>,
) -> Result<Json<Page<Door>>> {
    let scope = requester.require_property_reader()?;
    let doors = requester.read(move |lookup| {
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let codes = OnLock { status: options.on_lock, reason: options.reason, ..OnLock::default() };
        let with_code: Option<HashSet<DoorId>> = match codes.is_any() {
            false => None,
            true => {
                let open = placements::open_of_property(lookup.db, id)?;
                Some(open.into_iter().filter(|open| codes.fits(open)).map(|open| open.door_id).collect())
            }
        };
        let mut doors = doors::of_property(lookup.db, scope, id)?;
        doors.retain(|door| {
            options.hub.is_none_or(|hub| hub == door.hub_id)
                && options.reachable.is_none_or(|reachable| reachable == (door.hub_online && door.lock_online))
                && with_code.as_ref().is_none_or(|with_code| with_code.contains(&door.id))
        });
        Ok(doors)
    });
    let doors = doors.await?.into_iter().map(|door| view::door::describe_with_lock(&door));
    let asked_for =
        |door: &Door| options.state.is_none_or(|state| door.lock.as_ref().is_some_and(|lock| lock.state == state));
    Ok(Json(Page { items: doors.filter(asked_for).collect(), next_cursor: None }))
}
