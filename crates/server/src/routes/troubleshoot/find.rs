//! `GET /troubleshoot/residents`

use api_types::{FoundGuestCode, FoundResident, FoundResidents};
use axum::Json;
use serde::Deserialize;
use store::{guest_codes, tenancies};
use utoipa::IntoParams;

use crate::extract::Query;
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
    q: String,
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
    let words = options.q.trim().to_owned();
    let (mut found, mut guests) = (Vec::new(), Vec::new());
    if !words.is_empty() {
        let one_more = i64::from(MAX_FOUND) + 1;
        let read = requester.read(move |lookup| {
            let guests = guest_codes::search(lookup.db, &words, one_more)?;
            Ok((tenancies::search(lookup.db, &words, one_more)?, guests))
        });
        (found, guests) = read.await?;
    }
    let more = found.len().max(guests.len()) > MAX_FOUND as usize;
    found.truncate(MAX_FOUND as usize);
    guests.truncate(MAX_FOUND as usize);
    let items = found.into_iter().map(|found| FoundResident {
        id: found.id,
        name: found.name,
        unit: found.unit,
        property: found.property,
    });
    let guest_codes = guests.into_iter().map(|found| FoundGuestCode {
        id: found.id,
        state: found.state(),
        guest_name: found.guest_name,
        unit: found.unit,
        property: found.property,
    });
    Ok(Json(FoundResidents { items: items.collect(), guest_codes: guest_codes.collect(), more }))
}
