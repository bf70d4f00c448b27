//! `GET /doors/{id}`

use api_types::DoorDetails;
use axum::Json;
use axum::response::IntoResponse;
use ids::DoorId;
use store::layout::{self, Part};
use store::{Scope, audit, doors, locks, properties};

use crate::domain::lookup::Lookup;
use crate::extract::{Path, etag, etag_header};
use crate::problem::{Problem, Result};
use crate::requester::{Requester, Web};
use crate::routes::responses::{NotFound, Office};
use crate::view;
use crate::view::door_lock::Onlooker;

/// How many events are on a door's page.
const EVENTS: u32 = 20;

/// A door: its lock and hub, what the lock can do, what is in its slots, its battery, and what happened here. Whose codes
/// there are, and what happened, is for the property's managers and support.
#[utoipa::path(
    get,
    path = "/doors/{id}",
    operation_id = "doors_show",
    tag = "doors",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The door")),
    responses(
        (status = 200, description = "The door, with its `ETag`", body = DoorDetails),
        Office,
        NotFound,
    ),
)]
pub(in crate::routes) async fn show(Web(requester): Web, Path(id): Path<DoorId>) -> Result<impl IntoResponse> {
    read(&requester, id).await
}

/// A door as the person who asks may see it, with its `ETag`.
///
/// # Errors
/// 403 `forbidden`, 404 `not_found`.
pub(super) async fn read(requester: &Requester, id: DoorId) -> Result<impl IntoResponse + use<>> {
    let scope = requester.require_property_reader()?;
    let (version, door) = requester.read(move |lookup| find(lookup, scope, id)).await?;
    Ok((etag_header(version), Json(door)))
}

fn find(lookup: &Lookup<'_>, scope: Scope, id: DoorId) -> Result<(i64, DoorDetails)> {
    let Lookup { db, authority, .. } = *lookup;
    let record = doors::by_ids(db, scope, &[id])?.pop().ok_or_else(Problem::not_found)?;
    let part = layout::get(db, scope, Part::Door(id))?.ok_or_else(Problem::not_found)?;
    let may_link = match authority.set_up_scope() {
        Some(scope) => properties::get(db, scope, record.property_id)?.is_some(),
        None => false,
    };
    let onlooker =
        Onlooker { sees_holders: authority.sees_codes_of(record.property_id), is_support: authority.support };
    let mut lock = None;
    let mut waiting = Vec::new();
    let mut former_locks = Vec::new();
    for of_door in locks::of_door(db, id)? {
        match (of_door.former_since, of_door.linked) {
            (Some(_), _) => former_locks.push(view::door_lock::describe(db, &of_door, onlooker)?),
            (None, true) => lock = Some(view::door_lock::describe(db, &of_door, onlooker)?),
            (None, false) => waiting = view::door_lock::on_lock(db, &of_door, onlooker)?.1,
        }
    }
    let events = match authority.staff_scope() {
        Some(scope) => {
            let filter = audit::Filter { door: Some(id), ..audit::Filter::default() };
            audit::list(db, scope, &filter, None, EVENTS)?.0
        }
        None => Vec::new(),
    };
    let details = DoorDetails {
        door: view::door::describe_with_lock(&record),
        property_id: record.property_id,
        building: part.building,
        lock,
        waiting,
        former_locks,
        events: events.into_iter().map(view::event::describe).collect(),
        may_link,
        etag: etag(part.version).to_str().unwrap_or_default().to_owned(),
    };
    Ok((part.version, details))
}
