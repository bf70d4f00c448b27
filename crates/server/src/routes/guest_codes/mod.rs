//! Guest codes, as managers and residents issue them.

mod edit;
mod issue;
mod list;
mod preview;
mod preview_edit;
mod revoke;
mod search;
mod shares;
mod show;

use api_types::GuestCode;
use axum::Json;
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// A guest code, with its entity tag in the header too.
fn tagged(guest: GuestCode) -> impl IntoResponse + use<> {
    ([(ETAG, guest.etag.clone())], Json(guest))
}

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, issue::issue))
        .routes(routes!(search::search))
        .routes(routes!(preview::preview))
        .routes(routes!(show::show, edit::edit))
        .routes(routes!(preview_edit::preview_edit))
        .routes(routes!(revoke::revoke))
        .merge(shares::router())
}
