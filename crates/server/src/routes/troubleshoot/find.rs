//! `GET /troubleshoot/residents`

use api_types::{FoundGuestCode, FoundResident, FoundResidents};
use axum::Json;
use serde::Deserialize;
use store::guest_codes::{self, Filter, GuestCodeRecord};
use store::{Db, Scope, properties, tenancies};
use utoipa::IntoParams;

use crate::extract::{Query, Words};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::SupportOnly;

/// The most residents, and guest codes, that are found; to narrow a search down, type more of a name.
const MAX_FOUND: u32 = 20;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// Part of the name, the unit or the address, or of a guest's name; nothing is found for none.
    #[serde(default)]
    #[param(value_type = String, max_length = 400)]
    q: Words,
}

/// Finds residents of any property, and guest codes by their guests' names.
#[utoipa::path(
    get,
    path = "/troubleshoot/residents",
    operation_id = "troubleshoot_find",
    tag = "troubleshoot",
    security(("session" = [])),
    params(Options),
    responses(
        (status = 200, description = "Who was found", body = FoundResidents),
        SupportOnly,
    ),
)]
pub(super) async fn find(Web(requester): Web, Query(options): Query<Options>) -> Result<Json<FoundResidents>> {
    requester.require_support()?;
    let words = options.q.0.trim().to_owned();
    if words.is_empty() {
        return Ok(Json(FoundResidents { items: Vec::new(), guest_codes: Vec::new(), more: false }));
    }
    let read = requester.read(move |lookup| {
        let found = tenancies::search(lookup.db, &words, i64::from(MAX_FOUND) + 1)?;
        let of_guest = Filter { guest: words, ..Filter::default() };
        let (guests, next) = guest_codes::list(lookup.db, Scope::Everything, &of_guest, None, MAX_FOUND)?;
        let guests =
            guests.into_iter().map(|guest| found_guest_code(lookup.db, guest)).collect::<store::Result<_>>()?;
        Ok((found, guests, next.is_some()))
    });
    let (mut found, guest_codes, more_guests) = read.await?;
    let more = more_guests || found.len() > MAX_FOUND as usize;
    found.truncate(MAX_FOUND as usize);
    let items = found.into_iter().map(|found| FoundResident {
        id: found.id,
        name: found.name,
        unit: found.unit,
        property: found.property,
    });
    Ok(Json(FoundResidents { items: items.collect(), guest_codes, more }))
}

/// A guest code with the names of what it belongs to.
fn found_guest_code(db: &Db, guest: GuestCodeRecord) -> store::Result<FoundGuestCode> {
    let tenancy = guest.tenancy_id.map(|id| tenancies::get(db, Scope::Everything, id)).transpose()?.flatten();
    let property = properties::get(db, Scope::Everything, guest.property_id)?;
    Ok(FoundGuestCode {
        id: guest.id,
        state: guest.state(),
        guest_name: guest.guest_name,
        unit: tenancy.map(|tenancy| tenancy.unit),
        property: property.map(|property| property.name).unwrap_or_default(),
    })
}
