//! `GET /troubleshoot/residents/{id}`

use api_types::{Channel, ChannelKind, Diagnosis};
use axum::Json;
use ids::TenancyId;
use store::guest_codes::{self, Filter};
use store::{Scope, doors, properties, tenancies};

use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, SupportOnly};
use crate::view;

/// How many of a resident's guest codes are shown.
const GUEST_CODES: u32 = 20;

/// Why a resident's access is as it is: every condition of R14 now, their placements, their guests' and their doors.
#[utoipa::path(
    get,
    path = "/troubleshoot/residents/{id}",
    operation_id = "troubleshoot_show",
    tag = "troubleshoot",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The resident")),
    responses(
        (status = 200, description = "As of now", body = Diagnosis),
        SupportOnly,
        NotFound,
    ),
)]
pub(super) async fn show(Web(requester): Web, Path(id): Path<TenancyId>) -> Result<Json<Diagnosis>> {
    requester.require_support()?;
    let diagnosis = requester.read(move |lookup| {
        let db = lookup.db;
        let tenancy = tenancies::get(db, Scope::Everything, id)?.ok_or_else(Problem::not_found)?;
        let property = properties::get(db, Scope::Everything, tenancy.property_id)?.ok_or_else(Problem::not_found)?;
        // What they would be told in the app, which is where they would pick a code.
        let channel = Channel { kind: ChannelKind::Mobile, platform: None, app_version: tenancy.app_version.clone() };
        if tenancy.code_id.is_none() {
            return Err(Problem::not_found());
        }
        let of_tenancy = Filter { tenancy: Some(id), ..Filter::default() };
        let (guests, _) = guest_codes::list(db, Scope::Everything, &of_tenancy, None, GUEST_CODES)?;
        let doors = doors::of_unit(db, tenancy.unit_id)?;
        Ok(Diagnosis {
            property: view::access::property_name(property),
            app_version: tenancy.app_version.clone(),
            eligibility: view::access::eligibility(db, &tenancy, &channel)?,
            previous_code: view::access::previous_code(db, &tenancy, true)?,
            guest_codes: view::guest_code::describe(lookup, guests)?,
            doors: doors.iter().map(view::door::describe_with_lock).collect(),
            resident: view::resident::describe_one(db, tenancy, true)?,
        })
    });
    diagnosis.await.map(Json)
}
