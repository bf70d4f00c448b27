//! Hubs, and the locks that they have (R35).

mod add;
pub(super) mod ask;
mod edit;
mod list;
mod locks;
mod remove;
mod test;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(edit::edit, remove::remove))
        .routes(routes!(test::test))
        .routes(routes!(locks::locks))
}
