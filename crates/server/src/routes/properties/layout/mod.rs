//! The layout of a property: its buildings, units and doors (R36).

pub(super) mod add;
mod import;
mod list;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::spreadsheet::LIMIT;
use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, import::import))
        .layer(DefaultBodyLimit::max(LIMIT))
        .routes(routes!(list::units, add::unit))
        .routes(routes!(add::building))
}
