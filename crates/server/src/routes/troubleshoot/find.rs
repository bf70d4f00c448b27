//! `GET /troubleshoot/residents`

use api_types::{FoundResident, FoundResidents};
use axum::Json;
use serde::Deserialize;
use store::tenancies;
use utoipa::IntoParams;

use crate::extract::Query;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::SupportOnly;

/// The most residents that are found; to narrow a search down, type more of a name.
const MAX_FOUND: u32 = 20;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// Part of the name, the unit or the address; nobody is found for none.
    #[serde(default)]
    q: String,
}

/// Finds residents of any property.
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
    let mut found = Vec::new();
    if !words.is_empty() {
        found =
            requester.read(move |lookup| Ok(tenancies::search(lookup.db, &words, i64::from(MAX_FOUND) + 1)?)).await?;
    }
    let more = found.len() > MAX_FOUND as usize;
    found.truncate(MAX_FOUND as usize);
    let items = found.into_iter().map(|found| FoundResident {
        id: found.id,
        name: found.name,
        unit: found.unit,
        property: found.property,
    });
    Ok(Json(FoundResidents { items: items.collect(), more }))
}
