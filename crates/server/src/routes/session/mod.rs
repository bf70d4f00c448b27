//! Being signed in to the console.

mod create;
mod delete;
mod show;

use api_types::Subject;
use store::audit::NewEvent;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create::create, show::show, delete::delete))
}

/// An event about the caller's being signed in.
pub(super) fn event(caller: &Caller, action: &'static str) -> NewEvent {
    let subject = Subject { kind: "session".into(), id: Some(caller.person_id), name: caller.name.clone() };
    let mut event = NewEvent::done(caller.actor(), caller.channel(), action, subject);
    event.property_id = caller.home_property();
    event.resident_id = caller.tenancy.map(|tenancy| tenancy.id);
    event
}
