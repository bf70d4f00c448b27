//! `POST /properties/{id}/hubs`

use api_types::{ManagedHub, NewHub};
use axum::http::StatusCode;
use ids::PropertyId;
use store::{Scope, hubs, properties};

use crate::domain::deed::Deed;
use crate::domain::{Refusal, hub};
use crate::extract::{JsonBytes, Path};
use crate::idempotency::{Answer, Once};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{KeyedJson, NotFound, OfficeChange};
use crate::view;

/// Adds a hub, to which this server connects from then on. For administrators and the property's managers.
///
/// It need not answer yet: `POST /hubs/{id}/test` tells whether it does. Its token is kept sealed and never answered.
#[utoipa::path(
    post,
    path = "/properties/{id}/hubs",
    operation_id = "hubs_add",
    tag = "hubs",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The property"),
        ("Idempotency-Key" = String, Header, description = "Made before the first try"),
    ),
    request_body = NewHub,
    responses(
        (status = 201, description = "Added", body = ManagedHub),
        KeyedJson,
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn add(
    Web(requester): Web,
    Path(property_id): Path<PropertyId>,
    once: Once<JsonBytes>,
) -> Result<Answer> {
    requester.require_setting_up()?;
    let new: NewHub = once.body.parse()?;
    let first = move |deed: &Deed<'_>| {
        let id = hub::add(deed, property_id, &new)?;
        let hub = hubs::get(deed.tx, Scope::Everything, id)?.ok_or_else(Refusal::not_found)?;
        Answer::new(StatusCode::CREATED, &view::hub::describe_managed(hub))
    };
    // They may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        let (scope, _) = deed.set_up_scope()?;
        properties::get(deed.tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    once.run(&requester, first, again).await
}
