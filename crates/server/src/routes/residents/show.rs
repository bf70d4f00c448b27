//! `GET /properties/{id}/residents/{resident_id}`

use api_types::Resident;
use axum::Json;
use ids::{PropertyId, TenancyId};
use store::{mail, tenancies};

use crate::domain::invitation;
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::{Requester, Web};
use crate::routes::responses::{NotFound, Office};
use crate::view;

/// One resident.
#[utoipa::path(
    get,
    path = "/properties/{id}/residents/{resident_id}",
    operation_id = "residents_show",
    tag = "residents",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("resident_id" = Uuid, Path, description = "The resident"),
    ),
    responses(
        (status = 200, description = "The resident", body = Resident),
        Office,
        NotFound,
    ),
)]
pub(super) async fn show(
    Web(requester): Web,
    Path((id, resident_id)): Path<(PropertyId, TenancyId)>,
) -> Result<Json<Resident>> {
    read(&requester, id, resident_id).await.map(Json)
}

/// One resident, as the person who asks may see them.
///
/// # Errors
/// 403 `forbidden`, 404 `not_found`.
pub(super) async fn read(requester: &Requester, id: PropertyId, resident_id: TenancyId) -> Result<Resident> {
    let scope = requester.require_staff()?;
    let resident = requester.read(move |lookup| {
        let tenancy = tenancies::get_in_property(lookup.db, scope, id, resident_id)?.ok_or_else(Problem::not_found)?;
        let account = invitation::account_state(lookup.db, tenancy.person_id, lookup.now)?;
        let undelivered = mail::undelivered(lookup.db, tenancy.person_id)?.map(view::mail::undelivered);
        let resident = view::resident::describe_one(lookup.db, tenancy, lookup.authority.support)?;
        Ok(Resident { account: Some(account.into()), undelivered, ..resident })
    });
    resident.await
}
