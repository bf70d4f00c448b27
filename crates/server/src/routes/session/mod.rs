//! Being signed in to the console.

mod create;
mod delete;
mod passkey;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create::create, show::show, delete::delete)).merge(passkey::router())
}
