//! Changing the address that one signs in with (R38).

mod confirm;
mod open;
mod request;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(request::request)).routes(routes!(open::open)).routes(routes!(confirm::confirm))
}
