//! Guest codes, as managers and residents issue them.

mod issue;
mod list;
mod preview;
mod revoke;
mod shares;
mod show;

use std::collections::HashMap;

use api_types::GuestCode;
use store::guest_codes::GuestCodeRecord;
use store::placements::{self, PlacementRecord};
use store::{Db, Millis};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Result;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, issue::issue))
        .routes(routes!(preview::preview))
        .routes(routes!(show::show))
        .routes(routes!(revoke::revoke))
        .merge(shares::router())
}

async fn describe(db: &mut Db, caller: &Caller, records: Vec<GuestCodeRecord>, now: Millis) -> Result<Vec<GuestCode>> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let mut by_code: HashMap<Uuid, Vec<PlacementRecord>> = HashMap::new();
    for placement in placements::of_codes(db, &ids).await? {
        by_code.entry(placement.code_id).or_default().push(placement);
    }
    let mut described = Vec::with_capacity(records.len());
    for record in &records {
        let placements = by_code.get(&record.id).into_iter().flatten();
        let own = caller.tenancy.is_some_and(|tenancy| Some(tenancy.id) == record.tenancy_id);
        let may_manage = own || caller.manages.contains(&record.property_id);
        described.push(crate::domain::guest_code::describe(record, placements, may_manage, caller.support, now)?);
    }
    Ok(described)
}
