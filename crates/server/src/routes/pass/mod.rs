//! What a guest sees with their link, without signing in.
//!
//! Other credentials of a request are ignored here: a manager who tries a link sees what the guest sees, and is recorded
//! as the guest.

mod open;
mod reveal;
mod state;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open::open)).routes(routes!(reveal::reveal)).routes(routes!(state::state))
}
