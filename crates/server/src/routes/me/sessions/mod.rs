//! Where the caller is signed in, in the console and in the app.

mod end;
mod end_others;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, end_others::end_others)).routes(routes!(end::end))
}
