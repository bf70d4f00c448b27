//! Signing in to the console with a passkey.

mod create;
mod options;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(options::options)).routes(routes!(create::create))
}
