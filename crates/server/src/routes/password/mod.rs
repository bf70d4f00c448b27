//! What somebody does about a forgotten password (R38).

mod forgot;
mod open;
mod passkey;
mod reset;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(forgot::possible, forgot::forgot))
        .routes(routes!(open::open))
        .routes(routes!(reset::reset))
        .routes(routes!(passkey::options))
        .routes(routes!(passkey::choose))
}
