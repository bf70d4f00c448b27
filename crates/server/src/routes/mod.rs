//! The HTTP API: a folder per resource, a file per verb. A handler reads the request, calls the domain and answers.

mod mobile;
mod session;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Everything under `/api/v1`.
pub(crate) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(session::router()).merge(mobile::router())
}
