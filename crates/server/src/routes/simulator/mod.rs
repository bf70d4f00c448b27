//! The simulated locks' controls, which a demonstration has and a real server doesn't: what a person standing at the
//! door would do.

mod hub;
mod keypad;
mod lock;
use ids::DoorId;
use store::doors::{self, DoorRecord};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::problem::{Problem, Result};
use crate::requester::Requester;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(hub::set)).routes(routes!(lock::set)).routes(routes!(keypad::press))
}

/// A door of a property that the caller manages, in a demonstration.
async fn door(requester: &Requester, id: DoorId) -> Result<DoorRecord> {
    if !requester.app().demo() {
        return Err(Problem::not_found());
    }
    let scope = requester.require_manager()?;
    requester.read(move |lookup| doors::by_ids(lookup.db, scope, &[id])?.pop().ok_or_else(Problem::not_found)).await
}
