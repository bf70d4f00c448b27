//! What support looks at when somebody's access isn't as they expect. Read-only, and without digits (R30).

mod damaged;
mod find;
mod guest_code;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(damaged::damaged))
        .routes(routes!(find::find))
        .routes(routes!(show::show))
        .routes(routes!(guest_code::guest_code))
}
