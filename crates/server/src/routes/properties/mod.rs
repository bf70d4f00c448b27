//! Properties, their doors and their roster.

mod add;
mod doors;
mod edit;
mod layout;
mod list;
mod roster;
mod setup;
mod show;
mod spreadsheet;
mod summary;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(show::show, edit::edit))
        .routes(routes!(summary::choose))
        .routes(routes!(doors::doors, layout::add::door))
        .routes(routes!(setup::setup))
        .merge(roster::router())
        .merge(layout::router())
}
