//! `GET /people`

use api_types::{Page, StaffMember};
use axum::Json;
use serde::Deserialize;
use store::people;
use utoipa::IntoParams;

use crate::extract::{Limit, Query};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{Office, Paged};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// The staff by name: administrators, managers and support, disabled ones included. For administrators.
#[utoipa::path(
    get,
    path = "/people",
    operation_id = "people_list",
    tag = "people",
    security(("session" = [])),
    params(Options),
    responses(
        (status = 200, description = "A page", body = Page<StaffMember>),
        Paged,
        Office,
    ),
)]
pub(super) async fn list(Web(requester): Web, Query(options): Query<Options>) -> Result<Json<Page<StaffMember>>> {
    requester.require_administrator()?;
    let page = requester.read(move |lookup| {
        let (found, next_cursor) = people::staff(lookup.db, options.cursor.as_deref(), options.limit.0, lookup.now)?;
        let items = found.into_iter().map(|found| view::staff::describe(lookup.db, found));
        Ok(Page { items: items.collect::<store::Result<_>>()?, next_cursor })
    });
    page.await.map(Json)
}
