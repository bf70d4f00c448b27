//! `GET /properties/{id}/doors`

use std::collections::HashSet;

use api_types::{Door, DoorState, MaybeKnown, Page, PlacementReason, PlacementStatus};
use axum::Json;
use ids::{DoorId, HubId, PropertyId};
use serde::Deserialize;
use store::doors::{self, Position};
use store::placements::{self, OnLock};
use store::properties;
use utoipa::IntoParams;

use crate::extract::{Limit, Path, Query};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office, Paged};
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
    /// Those that are retired and whose lock still holds a code, or those in use.
    retired: Option<bool>,
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// A property's doors with their locks.
#[utoipa::path(
    get,
    path = "/properties/{id}/doors",
    operation_id = "properties_doors",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property"), Options),
    responses(
        (status = 200, description = "A page, by name", body = Page<Door>),
        Paged,
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
    let page = requester.read(move |lookup| {
        let after = options.cursor.as_deref().map(Position::parse).transpose()?;
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
        // What tells the doors asked for apart is partly worked out here, so a page is cut from those: a property has
        // some hundreds of doors.
        doors.retain(|door| {
            after.as_ref().is_none_or(|after| after.is_before(door))
                && options.retired.is_none_or(|retired| retired == door.retired_at.is_some())
                && options.hub.is_none_or(|hub| hub == door.hub_id)
                && options.reachable.is_none_or(|reachable| reachable == (door.hub_online && door.lock_online))
                && with_code.as_ref().is_none_or(|with_code| with_code.contains(&door.id))
        });
        let in_state =
            |door: &Door| options.state.is_none_or(|state| door.lock.as_ref().is_some_and(|lock| lock.state == state));
        let mut asked_for = doors.iter().map(|door| (Position::of(door), view::door::describe_with_lock(door)));
        let mut page = Page { items: Vec::new(), next_cursor: None };
        let mut last = None;
        while let Some((position, door)) = asked_for.find(|(_, door)| in_state(door)) {
            if page.items.len() == options.limit.0 as usize {
                page.next_cursor = last.as_ref().map(Position::print);
                break;
            }
            page.items.push(door);
            last = Some(position);
        }
        Ok(page)
    });
    page.await.map(Json)
}
