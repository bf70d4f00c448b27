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
use crate::auth::Authority;
use crate::domain::{Done, Refusal, guest_code};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, issue::issue))
        .routes(routes!(preview::preview))
        .routes(routes!(show::show))
        .routes(routes!(revoke::revoke))
        .merge(shares::router())
}

/// One that there is, as the authority may see it.
fn describe_one(db: &Db, authority: &Authority, id: Uuid, now: Millis) -> Done<GuestCode> {
    let record = guest_code::find(db, &authority.scopes(), id)?.ok_or_else(Refusal::not_found)?;
    Ok(describe(db, authority, vec![record], now)?.pop().ok_or_else(Refusal::unreadable)?)
}

/// Those that can be read.
fn describe(
    db: &Db,
    authority: &Authority,
    records: Vec<GuestCodeRecord>,
    now: Millis,
) -> store::Result<Vec<GuestCode>> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let mut by_code: HashMap<Uuid, Vec<PlacementRecord>> = HashMap::new();
    for placement in placements::of_codes(db, &ids)? {
        by_code.entry(placement.code_id).or_default().push(placement);
    }
    let mut described = Vec::with_capacity(records.len());
    for record in &records {
        let placements = by_code.get(&record.id).into_iter().flatten();
        let own = authority.tenancy.is_some_and(|tenancy| Some(tenancy.id) == record.tenancy_id);
        let may_manage = own || authority.manages.contains(&record.property_id);
        match guest_code::describe(record, placements, may_manage, authority.support, now) {
            Ok(guest_code) => described.push(guest_code),
            // One damaged record must not hide all others.
            Err(error) if error.is_of_one_record() => {
                tracing::error!(%error, id = %record.id, "a guest code was left out of a list");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(described)
}
