//! What people see about themselves.

mod access;
mod passkeys;
mod sessions;

use ids::TenancyId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Which of their own tenancies a person means (R39).
#[derive(Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::routes) struct Meant {
    /// One of the person's own current tenancies; without it, the one that began last.
    pub(in crate::routes) tenancy: Option<TenancyId>,
}

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(access::access)).merge(sessions::router()).merge(passkeys::router())
}
