//! The audit log, for support and, for their own properties, managers.

mod export;
mod list;
mod parts;
mod show;
mod verify;

use api_types::Outcome;
use ids::{DoorId, PersonId, PropertyId, TenancyId};
use serde::Deserialize;
use store::audit::{Actions, Filter};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::Words;
use crate::problem::{Problem, Result};
use crate::view::time;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(export::export))
        .routes(routes!(verify::verify))
        .routes(routes!(show::show))
        .routes(routes!(parts::parts))
}

/// What to look for. All given conditions must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The person who acted.
    actor: Option<PersonId>,
    /// The whole action, or with a trailing `.` a family of them.
    action: Option<String>,
    /// The property.
    property: Option<PropertyId>,
    /// The resident it is about.
    resident: Option<TenancyId>,
    /// The door it is about.
    door: Option<DoorId>,
    /// How it ended.
    outcome: Option<Outcome>,
    /// Words, each of which begins a word of the event.
    #[param(value_type = Option<String>, max_length = 400)]
    q: Option<Words>,
    /// At or after: RFC 3339.
    from: Option<String>,
    /// Before: RFC 3339.
    to: Option<String>,
}

impl Wanted {
    fn filter(self) -> Result<Filter> {
        let instant = |field: &str, text: Option<String>| match text.filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match time::given(&text) {
                Ok(at) => Ok(Some(at.as_millisecond())),
                Err(wrong) => Err(Problem::invalid_field(field, wrong.code(), wrong.detail())),
            },
        };
        Ok(Filter {
            actor: self.actor,
            action: self.action.filter(|action| !action.is_empty()).map(Actions::from),
            property: self.property,
            resident: self.resident,
            door: self.door,
            outcome: self.outcome,
            words: Words::given(self.q),
            from: instant("from", self.from)?,
            to: instant("to", self.to)?,
            heads: false,
        })
    }
}
