//! What somebody does with the link that invites them (R37).

mod accept;
mod open;
mod passkey;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open::open))
        .routes(routes!(accept::accept))
        .routes(routes!(passkey::options))
        .routes(routes!(passkey::choose))
}
