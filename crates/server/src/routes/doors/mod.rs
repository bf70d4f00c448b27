//! A door by its id, and its lock (R24, R35).

mod gone;
mod lock;
mod send_again;
pub(super) mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(lock::link, lock::unlink))
        .routes(routes!(gone::confirm))
        .routes(routes!(send_again::send_again))
}
