//! What operators and their tools ask: liveness, readiness, metrics.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::App;

/// `GET /healthz`: the process is alive.
pub(crate) async fn live() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "alive\n")
}

/// `GET /readyz`.
#[derive(Serialize)]
struct Readiness {
    /// Whether requests can be served. Hubs don't count: codes are still issued while one is offline, and wait for it.
    ready: bool,
    /// Whether the database can be written to.
    database_writable: bool,
    /// Whether every worker is running.
    workers_running: bool,
}

/// `GET /readyz`: 200 if the database can be written to and every worker is running, else 503. It costs the same
/// however many locks there are, and waits for nothing.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let (database_writable, workers_running) = (app.store().is_writable(), app.workers().all_running());
    let ready = database_writable && workers_running;
    let readiness = Readiness { ready, database_writable, workers_running };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, "no-store")], Json(readiness)).into_response()
}

/// `GET /metrics`: Prometheus text format. Counts by route and status, nothing about anybody (R32).
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (headers, app.metrics().render())
}
