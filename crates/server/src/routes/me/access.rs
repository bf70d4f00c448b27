//! `GET /me/access`

use api_types::{MyAccess, Problem as WireProblem};
use axum::Json;
use store::{Scope, tenancies};

use crate::problem::{Problem, Result};
use crate::requester::WebOrMobile;
use crate::routes::responses::SignedIn;
use crate::view;

/// The resident's unit, doors and code, without digits; and whether they can pick their own (R14, R15).
#[utoipa::path(
    get,
    path = "/me/access",
    operation_id = "me_access",
    tag = "me",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "As of now", body = MyAccess),
        SignedIn,
        (status = 403, description = "`forbidden`: not a resident", body = WireProblem),
        (status = 404, description = "`not_found`: no code yet", body = WireProblem),
    ),
)]
pub(super) async fn access(WebOrMobile(requester): WebOrMobile) -> Result<Json<MyAccess>> {
    let id = requester.authority().tenancy.ok_or_else(Problem::role)?.id;
    let access = requester.read(move |lookup| {
        let tenancy = tenancies::get(lookup.db, Scope::Tenancy(id), id)?.ok_or_else(Problem::role)?;
        Ok(view::access::describe(lookup.db, &tenancy, &lookup.authority.via.channel())?)
    });
    access.await.map(Json)
}
