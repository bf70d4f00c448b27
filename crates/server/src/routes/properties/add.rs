//! `POST /properties`

use api_types::{NewProperty, Property};
use axum::http::StatusCode;
use store::{Scope, properties};

use crate::domain::deed::Deed;
use crate::domain::{Refusal, property};
use crate::extract::JsonBytes;
use crate::idempotency::{Answer, Once};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{KeyedJson, OfficeChange};
use crate::view;

/// Adds a property, without buildings, units or doors. For administrators.
#[utoipa::path(
    post,
    path = "/properties",
    operation_id = "properties_add",
    tag = "properties",
    security(("session" = [])),
    params(("Idempotency-Key" = String, Header, description = "Made before the first try")),
    request_body = NewProperty,
    responses(
        (status = 201, description = "Added", body = Property),
        KeyedJson,
        OfficeChange,
    ),
)]
pub(super) async fn add(Web(requester): Web, once: Once<JsonBytes>) -> Result<Answer> {
    requester.require_administrator()?;
    let new: NewProperty = once.body.parse()?;
    let first = move |deed: &Deed<'_>| {
        let id = property::add(deed, &new)?;
        let property = properties::get(deed.tx, Scope::Everything, id)?.ok_or_else(Refusal::not_found)?;
        Answer::new(StatusCode::CREATED, &view::property::describe(deed.tx, property, deed.now)?)
    };
    let again = |deed: &Deed<'_>, _: &mut Answer| deed.require_administrator();
    once.run(&requester, first, again).await
}
