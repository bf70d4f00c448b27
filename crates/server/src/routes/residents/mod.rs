//! The residents of a property, as its managers see them.

mod address;
mod invitations;
mod invite;
mod list;
mod move_out;
mod reset;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(invite::invite))
        .routes(routes!(invitations::list, invitations::invite))
        .routes(routes!(reset::reset))
        .routes(routes!(address::correct))
        .routes(routes!(move_out::move_out, move_out::progress))
}
