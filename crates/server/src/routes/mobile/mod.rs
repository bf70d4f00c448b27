//! What only the resident app may do (R5). Its request types live here, in neither `api-types` nor the console.

mod my_code;
mod token;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(token::create)).routes(routes!(my_code::set))
}
