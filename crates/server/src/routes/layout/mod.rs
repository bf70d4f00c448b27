//! Changing and retiring buildings, units and doors, each by its own address (R36).

mod edit;
mod retire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(edit::building, retire::building))
        .routes(routes!(edit::unit, retire::unit))
        .routes(routes!(super::doors::show::show, edit::door, retire::door))
}
