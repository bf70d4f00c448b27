//! `POST /properties/{id}/residents/{resident_id}/move-out` and how far it is.

use api_types::{MoveOut, Problem as WireProblem};
use axum::Json;
use axum::http::StatusCode;
use ids::{PropertyId, TenancyId};
use store::tenancies;

use crate::domain::deed::Deed;
use crate::domain::{Refusal, tenancy};
use crate::extract::{NoBody, Path};
use crate::idempotency::{Answer, Once};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{Keyed, NotFound, Office, OfficeChange};
use crate::view;

/// Revokes everything of a tenancy: the resident's code and their guests', and signs the person out.
///
/// Asked again under another key, it tells how far the doors are.
#[utoipa::path(
    post,
    path = "/properties/{id}/residents/{resident_id}/move-out",
    operation_id = "residents_move_out",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    responses(
        (status = 200, description = "How far the doors are", body = MoveOut),
        Keyed,
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn move_out(
    Web(requester): Web,
    Path((id, resident_id)): Path<(PropertyId, TenancyId)>,
    once: Once<NoBody>,
) -> Result<Answer> {
    requester.require_manager()?;
    let first = move |deed: &Deed<'_>| {
        let resident = tenancy::move_out(deed, id, resident_id)?;
        Answer::new(StatusCode::OK, &view::move_out::describe(deed.tx, &resident, false)?)
    };
    // They may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        let resident = tenancies::get_in_property(deed.tx, deed.manager_scope()?, id, resident_id)?;
        resident.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    once.run(&requester, first, again).await
}

/// How far the doors are with a resident who has moved out.
#[utoipa::path(
    get,
    path = "/properties/{id}/residents/{resident_id}/move-out",
    operation_id = "residents_move_out_progress",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
    ),
    responses(
        (status = 200, description = "How far the doors are", body = MoveOut),
        Office,
        (status = 404, description = "`not_found`: also for a resident who hasn't moved out", body = WireProblem),
    ),
)]
pub(super) async fn progress(
    Web(requester): Web,
    Path((id, resident_id)): Path<(PropertyId, TenancyId)>,
) -> Result<Json<MoveOut>> {
    let scope = requester.require_manager()?;
    let progress = requester.read(move |lookup| {
        let resident = tenancies::get_in_property(lookup.db, scope, id, resident_id)?;
        let resident = resident.filter(|resident| resident.ended_at.is_some()).ok_or_else(Problem::not_found)?;
        Ok(view::move_out::describe(lookup.db, &resident, false)?)
    });
    progress.await.map(Json)
}
