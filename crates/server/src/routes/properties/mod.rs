//! Properties, their doors and their roster.

mod doors;
mod edit;
mod list;
mod roster;
mod show;

use access_code::AppVersion;
use api_types::Property;
use store::properties::PropertyRecord;
use store::{Db, Millis};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show, edit::edit))
        .routes(routes!(doors::doors))
        .merge(roster::router())
}

fn describe(db: &Db, record: PropertyRecord, now: Millis) -> store::Result<Property> {
    let ready = |version: &str| AppVersion::parse(version).is_some_and(|version| version.allows_custom_codes());
    record.describe(db, now, ready)
}
