//! `GET /properties/{id}/layout` and `GET /properties/{id}/units`

use api_types::{LayoutKind, LayoutPart, Page};
use axum::Json;
use ids::PropertyId;
use serde::Deserialize;
use store::layout::{self, Filter};
use store::properties;
use utoipa::IntoParams;

use crate::extract::{Limit, Path, Query, Words};
use crate::problem::{Problem, Result};
use crate::requester::{Requester, Web};
use crate::routes::responses::{NotFound, Office, Paged};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// Buildings, units or doors; all three if absent.
    kind: Option<LayoutKind>,
    /// What is retired, rather than what is in use.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    retired: bool,
    /// Parts of a name, or of its unit's or building's, in any order, case and accents (R42).
    #[param(value_type = Option<String>)]
    q: Option<Words>,
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfUnits {
    /// What is retired, rather than what is in use.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    retired: bool,
    /// Parts of a name, or of its unit's or building's, in any order, case and accents (R42).
    #[param(value_type = Option<String>)]
    q: Option<Words>,
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// A property's buildings, units and doors, each with the entity tag that changing it needs. For administrators and the
/// property's managers.
#[utoipa::path(
    get,
    path = "/properties/{id}/layout",
    operation_id = "layout_list",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property"), Options),
    responses(
        (status = 200, description = "A page: buildings, then units, then doors, each by name", body = Page<LayoutPart>),
        Paged,
        Office,
        NotFound,
    ),
)]
pub(super) async fn list(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<Options>,
) -> Result<Json<Page<LayoutPart>>> {
    let Options { kind, retired, q, cursor, limit } = options;
    page(&requester, id, kind, OfUnits { retired, q, cursor, limit }).await
}

/// A property's units, each with the entity tag that changing it needs. For administrators and the property's managers.
#[utoipa::path(
    get,
    path = "/properties/{id}/units",
    operation_id = "layout_units",
    tag = "properties",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property"), OfUnits),
    responses(
        (status = 200, description = "A page, by name", body = Page<LayoutPart>),
        Paged,
        Office,
        NotFound,
    ),
)]
pub(super) async fn units(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<OfUnits>,
) -> Result<Json<Page<LayoutPart>>> {
    page(&requester, id, Some(LayoutKind::Unit), options).await
}

async fn page(
    requester: &Requester,
    id: PropertyId,
    kind: Option<LayoutKind>,
    OfUnits { retired, q, cursor, limit }: OfUnits,
) -> Result<Json<Page<LayoutPart>>> {
    let scope = requester.require_setting_up()?;
    let filter = Filter { kind, retired, text: Words::given(q).unwrap_or_default() };
    let page = requester.read(move |lookup| {
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let (parts, next_cursor) = layout::list(lookup.db, id, &filter, cursor.as_deref(), limit.0)?;
        Ok(Page { items: parts.iter().map(view::layout::describe).collect(), next_cursor })
    });
    page.await.map(Json)
}
