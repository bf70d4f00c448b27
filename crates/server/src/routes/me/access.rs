//! `GET /me/access`

use api_types::{Channel, Eligibility, MyAccess, Problem as WireProblem, PropertyName};
use axum::Json;
use axum::extract::State;
use store::tenancies::TenancyRecord;
use store::{Db, Scope, codes, doors, placements, properties};

use crate::app::App;
use crate::auth::WebOrMobile;
use crate::domain::{checklist, resident_code};
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
    let mut db = app.store().read().await?;
    let tenancy = caller.tenancy_record(&mut db).await?.ok_or_else(Problem::role)?;
    Ok(Json(describe(&mut db, &tenancy, &caller.channel()).await?))
}

/// The answer for a tenancy, asked from `channel`.
pub(in crate::routes) async fn describe(db: &mut Db, tenancy: &TenancyRecord, channel: &Channel) -> Result<MyAccess> {
    let property = properties::get(db, Scope::Everything, tenancy.property_id).await?.ok_or_else(Problem::not_found)?;
    let code_id = tenancy.code_id.ok_or_else(Problem::not_found)?;
    let current = codes::get(db, code_id).await?.ok_or_else(Problem::not_found)?;
    let code = current.describe(&placements::of_code(db, code_id).await?, false)?;
    let previous_code = match codes::previous(db, tenancy.id, code_id).await? {
        Some(previous) => Some(previous.describe(&placements::of_code(db, previous.id).await?, false)?),
        None => None,
    };
    let own = doors::of_unit(db, tenancy.unit_id).await?;
    let for_guests = doors::for_guests_of_unit(db, tenancy.unit_id).await?;
    let decision = resident_code::eligibility(db, tenancy, channel).await?;
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
