//! `GET /me/access`

use api_types::{MyAccess, Problem as WireProblem};
use axum::Json;

use super::Meant;
use crate::extract::Query;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::SignedIn;
use crate::view;

/// The resident's unit, doors and code of the tenancy they mean, without digits; all their tenancies (R39); and whether they can pick their own (R14, R15).
#[utoipa::path(
    get,
    path = "/me/access",
    operation_id = "me_access",
    tag = "me",
    security(("session" = []), ("token" = [])),
    params(Meant),
    responses(
        (status = 200, description = "As of now", body = MyAccess),
        SignedIn,
        (status = 403, description = "`forbidden`: not a resident", body = WireProblem),
        (status = 404, description = "`not_found`: no code yet, or not their tenancy", body = WireProblem),
    ),
)]
pub(super) async fn access(
    WebOrMobile(requester): WebOrMobile,
    Query(Meant { tenancy }): Query<Meant>,
) -> Result<Json<MyAccess>> {
    let access = requester.read(move |lookup| {
        let tenancy = lookup.tenancy(tenancy)?;
        Ok(view::access::describe(lookup, &tenancy)?)
    });
    access.await.map(Json)
}
