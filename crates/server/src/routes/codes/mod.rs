//! A code by its id: revealing its digits, and who has.

mod reveal;
mod reveals;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reveal::reveal)).routes(routes!(reveals::reveals))
}
