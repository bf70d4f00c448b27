//! A code by its id: revealing its digits, who has, and trying its locks again.

mod reveal;
mod reveals;
mod send_again;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reveal::reveal))
        .routes(routes!(reveals::reveals))
        .routes(routes!(send_again::send_again))
}
