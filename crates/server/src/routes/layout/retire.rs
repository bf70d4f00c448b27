//! `DELETE /buildings/{id}`, `/units/{id}` and `/doors/{id}`

use api_types::{Problem as WireProblem, Retirement};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use ids::{BuildingId, DoorId, UnitId};
use serde::Deserialize;
use store::Scope;
use store::layout::Part;

use crate::domain::deed::Deed;
use crate::domain::{Refusal, layout};
use crate::extract::{NoBody, Path, Query};
use crate::idempotency::{Answer, KeyedRequest, Once};
use crate::problem::{Problem, Result};
use crate::requester::{Requester, Web};
use crate::routes::responses::{Keyed, NotFound, OfficeChange};

#[derive(Deserialize)]
pub(super) struct Options {
    #[serde(default)]
    dry_run: bool,
}

/// An `Idempotency-Key` that a dry run may leave out.
pub(super) struct MaybeAsked(Option<KeyedRequest>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeAsked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Ok(Self(KeyedRequest::from_request_parts(parts, state).await.ok()))
    }
}

async fn retire(requester: &Requester, part: Part, dry_run: bool, MaybeAsked(asked): MaybeAsked) -> Result<Response> {
    let scope = requester.require_setting_up()?;
    if dry_run {
        let plan = requester.read(move |lookup| Ok(layout::plan_retirement(lookup.db, scope, part)?));
        return Ok(axum::Json(plan.await?).into_response());
    }
    let asked = asked.ok_or_else(Problem::idempotency_key_required)?;
    let first = move |deed: &Deed<'_>| Answer::new(StatusCode::OK, &layout::retire(deed, part)?);
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        // They may have lost the property since. What was deleted is there for nobody.
        let (scope, _) = deed.set_up_scope()?;
        let there = store::layout::get(deed.tx, Scope::Everything, part)?.is_some();
        match store::layout::get(deed.tx, scope, part)? {
            None if there => Err(Refusal::not_found().into()),
            _ => Ok(()),
        }
    };
    Ok(Once::new(asked, NoBody).run(requester, first, again).await?.into_response())
}

/// Retires a building that has no units and no doors of its own. One without history is deleted. For administrators and the property's managers.
///
/// The name stays in the record, and is given to nothing else while it is retired (R36). A dry run tells what it would do.
#[utoipa::path(
    delete,
    path = "/buildings/{id}",
    operation_id = "layout_retire_building",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The building"),
        ("dry_run" = Option<bool>, Query, description = "Only tell what it would do"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    responses(
        (status = 200, description = "What was done, or would be", body = Retirement),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 409, description = "`building_not_empty`", body = WireProblem),
    ),
)]
pub(super) async fn building(
    Web(requester): Web,
    Path(id): Path<BuildingId>,
    Query(Options { dry_run }): Query<Options>,
    asked: MaybeAsked,
) -> Result<Response> {
    retire(&requester, Part::Building(id), dry_run, asked).await
}

/// Retires a unit in which nobody lives, with its doors. One without history is deleted. For administrators and the property's managers.
///
/// The name stays in the record, and is given to nothing else while it is retired (R36). A dry run tells what it would do.
#[utoipa::path(
    delete,
    path = "/units/{id}",
    operation_id = "layout_retire_unit",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The unit"),
        ("dry_run" = Option<bool>, Query, description = "Only tell what it would do"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    responses(
        (status = 200, description = "What was done, or would be", body = Retirement),
        Keyed,
        OfficeChange,
        NotFound,
        (status = 409, description = "`unit_occupied`", body = WireProblem),
    ),
)]
pub(super) async fn unit(
    Web(requester): Web,
    Path(id): Path<UnitId>,
    Query(Options { dry_run }): Query<Options>,
    asked: MaybeAsked,
) -> Result<Response> {
    retire(&requester, Part::Unit(id), dry_run, asked).await
}

/// Retires a door: no code opens it any more. One without codes and history is deleted.
///
/// Guest codes that open nothing else are revoked; others, and those of residents, go on opening their other doors. For administrators and the property's managers.
///
/// The name stays in the record, and is given to nothing else while it is retired (R36). A dry run tells what it would do.
#[utoipa::path(
    delete,
    path = "/doors/{id}",
    operation_id = "layout_retire_door",
    tag = "properties",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The door"),
        ("dry_run" = Option<bool>, Query, description = "Only tell what it would do"),
        ("Idempotency-Key" = Option<String>, Header, description = "Needed unless it is a dry run"),
    ),
    responses(
        (status = 200, description = "What was done, or would be", body = Retirement),
        Keyed,
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn door(
    Web(requester): Web,
    Path(id): Path<DoorId>,
    Query(Options { dry_run }): Query<Options>,
    asked: MaybeAsked,
) -> Result<Response> {
    retire(&requester, Part::Door(id), dry_run, asked).await
}
