//! `GET /troubleshoot/residents/{id}`

use api_types::{Channel, ChannelKind, Diagnosis, Eligibility, Problem as WireProblem, PropertyName};
use axum::Json;
use axum::extract::State;
use store::{Scope, codes, doors, placements, properties, tenancies};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Web;
use crate::domain::{checklist, resident_code};
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::routes::residents;

/// Why a resident's access is as it is: every condition of R14 now, their placements, their doors.
#[utoipa::path(
    get,
    path = "/troubleshoot/residents/{id}",
    operation_id = "troubleshoot_show",
    tag = "troubleshoot",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The resident")),
    responses(
        (status = 200, description = "As of now", body = Diagnosis),
        (status = 401, description = "`signed_out`", body = WireProblem),
        (status = 403, description = "`forbidden`: support only", body = WireProblem),
        (status = 404, description = "`not_found`", body = WireProblem),
    ),
)]
pub(super) async fn show(State(app): State<App>, Web(caller): Web, Path(id): Path<Uuid>) -> Result<Json<Diagnosis>> {
    if !caller.support {
        return Err(Problem::role());
    }
    let diagnosis = app.read(move |db| {
        let tenancy = tenancies::get(db, Scope::Everything, id)?.ok_or_else(Problem::not_found)?;
        let property = properties::get(db, Scope::Everything, tenancy.property_id)?.ok_or_else(Problem::not_found)?;
        // What they would be told in the app, which is where they ask for a code.
        let channel = Channel { kind: ChannelKind::Mobile, platform: None, app_version: tenancy.app_version.clone() };
        let decision = resident_code::eligibility(db, &tenancy, &channel)?;
        let code_id = tenancy.code_id.ok_or_else(Problem::not_found)?;
        let previous_code = match codes::previous(db, tenancy.id, code_id)? {
            Some(previous) => Some(previous.describe(&placements::of_code(db, previous.id)?, true)),
            None => None,
        };
        let doors = doors::of_unit(db, tenancy.unit_id)?;
        let app_version = tenancy.app_version.clone();
        let resident = residents::describe_one(db, tenancy, true)?;
        Ok(Diagnosis {
            resident,
            property: PropertyName { id: property.id, name: property.name, time_zone: property.time_zone },
            app_version,
            eligibility: Eligibility { checklist: checklist(&decision), next_step: decision.next_step },
            previous_code,
            doors: doors.iter().map(doors::DoorRecord::door_with_lock).collect(),
        })
    });
    diagnosis.await.map(Json)
}
