//! `GET /me/access`

use api_types::{MyAccess, Problem as WireProblem};
use axum::Json;
use store::{Scope, tenancies};

use crate::asking::WebOrMobile;
use crate::problem::{Problem, Result};
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
pub(super) async fn access(WebOrMobile(asking): WebOrMobile) -> Result<Json<MyAccess>> {
    let id = asking.authority().tenancy.ok_or_else(Problem::role)?.id;
    let access = asking.look(move |look| {
        let tenancy = tenancies::get(look.db, Scope::Tenancy(id), id)?.ok_or_else(Problem::role)?;
        Ok(view::access::describe(look.db, &tenancy, &look.authority.via.channel())?)
    });
    access.await.map(Json)
}
