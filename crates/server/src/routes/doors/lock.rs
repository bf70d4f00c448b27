//! `PUT` and `DELETE /doors/{id}/lock`

use api_types::{DoorDetails, LinkLock, Problem as WireProblem, ProblemCode};
use axum::response::IntoResponse;
use ids::DoorId;
use store::{doors, hubs};

use super::show;
use crate::domain::{Refusal, door_lock};
use crate::extract::{IfMatch, Json, Path};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::hubs::ask;
use crate::routes::responses::{NotFound, OfficeChange};

/// Links one of a hub’s locks to a door, or exchanges the lock that it has. For administrators and the property's managers.
///
/// Codes that waited for a lock are sent to it. When a lock is exchanged, the live codes are written to the new one, and taken
/// off the old one as soon as they are confirmed (R27); until that is done, the old one is among the `former_locks`.
#[utoipa::path(
    put,
    path = "/doors/{id}/lock",
    operation_id = "doors_link_lock",
    tag = "doors",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The door"),
        ("If-Match" = String, Header, description = "The `etag` of what was read"),
    ),
    request_body = LinkLock,
    responses(
        (status = 200, description = "The door as it is now, with its `ETag`", body = DoorDetails),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (
            status = 409,
            description = "`hub_offline`, `hub_rejected`, `unknown_lock`, `lock_linked`, `lock_not_ready`, `retired`",
            body = WireProblem,
        ),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn link(
    Web(requester): Web,
    Path(id): Path<DoorId>,
    if_match: IfMatch,
    Json(LinkLock { hub_id, hub_lock }): Json<LinkLock>,
) -> Result<impl IntoResponse> {
    let scope = requester.require_setting_up()?;
    let hub = requester.read(move |lookup| {
        let door = doors::by_ids(lookup.db, scope, &[id])?.pop().ok_or_else(Problem::not_found)?;
        let hub = hubs::get(lookup.db, scope, hub_id)?.filter(|hub| hub.property_id == door.property_id);
        Ok(hub.ok_or_else(door_lock::other_hub)?)
    });
    let found = ask::locks(requester.app(), &hub.await?).await?;
    let found = found.into_iter().find(|found| found.lock.as_str() == hub_lock).ok_or_else(|| {
        let detail = "The hub has no such lock any more. Look at its locks again.";
        Problem::from(Refusal::new(ProblemCode::UnknownLock, detail))
    })?;
    let has_read = move |version| if_match.check(version).is_ok();
    requester.deed(move |deed| door_lock::link(deed, id, has_read, hub_id, &found)).await?;
    show::read(&requester, id).await
}

/// Lets go of a door’s lock: its codes are taken off it, and wait for another one. For administrators and the property's
/// managers.
///
/// Until the lock has confirmed that, it is among the door's `former_locks`, and its codes still open (R24).
#[utoipa::path(
    delete,
    path = "/doors/{id}/lock",
    operation_id = "doors_unlink_lock",
    tag = "doors",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The door"),
        ("If-Match" = String, Header, description = "The `etag` of what was read"),
    ),
    responses(
        (status = 200, description = "The door as it is now, with its `ETag`", body = DoorDetails),
        OfficeChange,
        NotFound,
        (status = 409, description = "`no_lock_linked`", body = WireProblem),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn unlink(
    Web(requester): Web,
    Path(id): Path<DoorId>,
    if_match: IfMatch,
) -> Result<impl IntoResponse> {
    requester.require_setting_up()?;
    requester.deed(move |deed| door_lock::unlink(deed, id, |version| if_match.check(version).is_ok())).await?;
    show::read(&requester, id).await
}
