//! Guest codes, as managers and residents issue them.

mod issue;
mod list;
mod preview;
mod revoke;
mod search;
mod shares;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, issue::issue))
        .routes(routes!(search::search))
        .routes(routes!(preview::preview))
        .routes(routes!(show::show))
        .routes(routes!(revoke::revoke))
        .merge(shares::router())
}
