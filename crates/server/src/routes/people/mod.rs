//! The staff, for administrators (R34).

mod add;
mod edit;
pub(super) mod invite;
mod list;
mod reset;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(edit::edit))
        .routes(routes!(invite::invite))
        .routes(routes!(reset::reset))
}
