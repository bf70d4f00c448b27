//! `GET /properties`

use api_types::{Page, Property};
use axum::Json;
use serde::Deserialize;
use store::properties;
use utoipa::IntoParams;

use crate::extract::{Limit, Query};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{Office, Paged};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// The properties that the caller manages, or all of them for support.
#[utoipa::path(
    get,
    path = "/properties",
    operation_id = "properties_list",
    tag = "properties",
    security(("session" = [])),
    params(Paging),
    responses(
        (status = 200, description = "A page, by name", body = Page<Property>),
        Paged,
        Office,
    ),
)]
pub(super) async fn list(Web(requester): Web, Query(paging): Query<Paging>) -> Result<Json<Page<Property>>> {
    let scope = requester.require_property_reader()?;
    let page = requester.read(move |lookup| {
        let (records, next_cursor) = properties::list(lookup.db, scope, paging.cursor.as_deref(), paging.limit.0)?;
        let describe = |record| view::property::describe_for(lookup.authority, lookup.db, record, lookup.now);
        let items = records.into_iter().map(describe).collect::<store::Result<_>>()?;
        Ok(Page { items, next_cursor })
    });
    page.await.map(Json)
}
