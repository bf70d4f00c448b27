//! `GET /me/access`

use api_types::{Channel, Eligibility, MyAccess, Problem as WireProblem, PropertyName};
use axum::Json;
use axum::extract::State;
use store::tenancies::{self, TenancyRecord};
use store::{Db, Scope, codes, doors, placements, properties};

use crate::app::App;
use crate::auth::WebOrMobile;
use crate::domain::{Done, Refusal, checklist, resident_code};
use crate::problem::{Problem, Result};

/// The resident's unit, doors and code, without digits; and whether they can pick their own (R14, R15).
#[utoipa::path(
    get,
    path = "/me/access",
    operation_id = "me_access",
    tag = "me",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "As of now", body = MyAccess),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`: not a resident", body = WireProblem),
        (status = 404, description = "`not_found`: no code yet", body = WireProblem),
    ),
)]
pub(super) async fn access(State(app): State<App>, WebOrMobile(caller): WebOrMobile) -> Result<Json<MyAccess>> {
    let id = caller.tenancy.ok_or_else(Problem::role)?.id;
    let channel = caller.via.channel();
    let access = app.read(move |db| {
        let tenancy = tenancies::get(db, Scope::Tenancy(id), id)?.ok_or_else(Problem::role)?;
        Ok(describe(db, &tenancy, &channel)?)
    });
    access.await.map(Json)
}

/// The answer for a tenancy, asked from `channel`.
pub(in crate::routes) fn describe(db: &Db, tenancy: &TenancyRecord, channel: &Channel) -> Done<MyAccess> {
    let property = properties::get(db, Scope::Everything, tenancy.property_id)?.ok_or_else(Refusal::not_found)?;
    let code_id = tenancy.code_id.ok_or_else(Refusal::not_found)?;
    let current = codes::get(db, code_id)?.ok_or_else(Refusal::not_found)?;
    let code = current.describe(&placements::of_code(db, code_id)?, false);
    let previous_code = match codes::previous(db, tenancy.id, code_id)? {
        Some(previous) => Some(previous.describe(&placements::of_code(db, previous.id)?, false)),
        None => None,
    };
    let own = doors::of_unit(db, tenancy.unit_id)?;
    let for_guests = doors::for_guests_of_unit(db, tenancy.unit_id)?;
    let decision = resident_code::eligibility(db, tenancy, channel)?;
    Ok(MyAccess {
        property: PropertyName { id: property.id, name: property.name, time_zone: property.time_zone },
        unit: tenancy.unit.clone(),
        doors: own.iter().map(doors::DoorRecord::door).collect(),
        guest_doors: for_guests.iter().map(doors::DoorRecord::door).collect(),
        delivery_opens_unit_doors: property.delivery_opens_unit_doors,
        code,
        previous_code,
        eligibility: Eligibility { checklist: checklist(&decision), next_step: decision.next_step },
    })
}
