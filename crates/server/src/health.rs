//! What operators and their machines ask: alive, ready, how much of what.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::App;

/// `GET /healthz`: the process answers.
pub(crate) async fn live() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "alive\n")
}

/// `GET /readyz`.
#[derive(Serialize)]
struct Readiness {
    /// Requests can be served. Hubs don't count: codes are given out while one is offline, and wait for it.
    ready: bool,
    /// The database can be written to.
    database_writable: bool,
    /// Everything that drives locks and keeps the time is at work.
    workers_running: bool,
}

/// `GET /readyz`: 200 where the database can be written to and every worker is at work, else 503. Costs the same however
/// many locks there are, and waits for nothing.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let (database_writable, workers_running) = (app.store().is_writable(), app.workers().all_running());
    let ready = database_writable && workers_running;
    let readiness = Readiness { ready, database_writable, workers_running };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, "no-store")], Json(readiness)).into_response()
}

/// `GET /metrics`: Prometheus text. Counts by route and status, nothing about anybody (R32).
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (headers, app.metrics().render())
}
