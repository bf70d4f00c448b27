//! `GET /hubs/{id}/locks`

use api_types::{FoundLocks, Problem as WireProblem};
use axum::Json;
use ids::HubId;
use store::{hubs, locks as records};

use super::ask;
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// The locks that a hub has, as it knows them now, and the doors that they are linked to. For administrators and the
/// property's managers.
#[utoipa::path(
    get,
    path = "/hubs/{id}/locks",
    operation_id = "hubs_locks",
    tag = "hubs",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The hub")),
    responses(
        (status = 200, description = "All of them, by name", body = FoundLocks),
        Office,
        NotFound,
        (status = 409, description = "`hub_offline`, `hub_rejected`", body = WireProblem),
    ),
)]
pub(super) async fn locks(Web(requester): Web, Path(id): Path<HubId>) -> Result<Json<FoundLocks>> {
    let scope = requester.require_setting_up()?;
    let hub = requester.read(move |lookup| hubs::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)).await?;
    let mut found = ask::locks(requester.app(), &hub).await?;
    found.sort_by(|a, b| (store::folded(&a.name), &a.lock).cmp(&(store::folded(&b.name), &b.lock)));
    let answer = requester.read(move |lookup| {
        // They may have lost the property while the hub was asked.
        let hub = hubs::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let mut items = Vec::with_capacity(found.len());
        for found in &found {
            let linked = records::of_device(lookup.db, found.lock.as_str())?;
            items.push(view::hub::describe_found(found, linked, hub.property_id));
        }
        Ok(FoundLocks { hub: view::hub::describe_managed(hub), items })
    });
    answer.await.map(Json)
}
