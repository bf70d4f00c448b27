//! `GET /troubleshoot/guest-codes/{id}`

use api_types::GuestCodeDiagnosis;
use axum::Json;
use ids::GuestCodeId;
use store::{Scope, audit, guest_codes, properties};

use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, SupportOnly};
use crate::view;

/// How many events are shown.
const EVENTS: u32 = 50;

/// Why a guest code works or doesn't: its placements with slot, attempts and the protocol's error.
#[utoipa::path(
    get,
    path = "/troubleshoot/guest-codes/{id}",
    operation_id = "troubleshoot_guest_code",
    tag = "troubleshoot",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The guest code")),
    responses(
        (status = 200, description = "As of now", body = GuestCodeDiagnosis),
        SupportOnly,
        NotFound,
    ),
)]
pub(super) async fn guest_code(Web(requester): Web, Path(id): Path<GuestCodeId>) -> Result<Json<GuestCodeDiagnosis>> {
    requester.require_support()?;
    let diagnosis = requester.read(move |lookup| {
        let record = guest_codes::get(lookup.db, Scope::Everything, id)?.ok_or_else(Problem::not_found)?;
        let property = properties::get(lookup.db, Scope::Everything, record.property_id)?;
        let property = view::access::property_name(property.ok_or_else(Problem::not_found)?);
        let guest_code = view::guest_code::describe(lookup, vec![record])?.pop().ok_or_else(Problem::not_found)?;
        let events = audit::of_subject(lookup.db, Scope::Everything, id.uuid(), EVENTS)?;
        let events = events.into_iter().map(view::event::describe).collect();
        Ok(GuestCodeDiagnosis { property, guest_code, events })
    });
    diagnosis.await.map(Json)
}
