//! What operators and their tools ask: liveness, readiness, metrics.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ids::HubId;
use serde::Serialize;
use store::doors;

use crate::app::App;

/// What is for whoever operates the server, and served at an address of their own.
pub fn operators(app: App) -> Router {
    Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready_for_operators))
        .route("/metrics", get(metrics))
        .with_state(app)
}

/// `GET /healthz`: the process is alive.
pub(crate) async fn live() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "alive\n")
}

/// `GET /readyz`.
#[derive(Serialize)]
struct Readiness {
    /// Whether requests can be served. Hubs don't count: codes are still issued while one is offline, and wait for it.
    ready: bool,
}

/// `GET /readyz?detail`, for operators.
#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    readiness: Readiness,
    database: Database,
    workers: Vec<Worker>,
    /// Absent if the database can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    hubs: Option<Vec<Hub>>,
}

#[derive(Serialize)]
struct Database {
    /// Whether it can be written to.
    writable: bool,
    /// How many deeds wait to be written.
    waiting: usize,
}

#[derive(Serialize)]
struct Worker {
    name: String,
    running: bool,
    /// How often it had to be restarted.
    restarts: u64,
}

#[derive(Serialize)]
struct Hub {
    id: HubId,
    online: bool,
}

impl Readiness {
    fn of(app: &App) -> Self {
        Self { ready: app.store().is_writable() && app.workers().all_running() }
    }

    fn status(&self) -> StatusCode {
        if self.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    }
}

/// `GET /readyz`: 200 if the database can be written to and every worker is running, else 503. It costs the same
/// however many locks there are, and waits for nothing.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let readiness = Readiness::of(&app);
    (readiness.status(), [(CACHE_CONTROL, "no-store")], Json(readiness)).into_response()
}

/// `GET /readyz` for operators, with `?detail` in detail.
async fn ready_for_operators(State(app): State<App>, uri: Uri) -> Response {
    if uri.query() != Some("detail") {
        return ready(State(app)).await;
    }
    let readiness = Readiness::of(&app);
    let database = Database { writable: app.store().is_writable(), waiting: app.store().waiting() };
    let workers = app.workers().each();
    let workers =
        workers.into_iter().map(|(name, worker)| Worker { name, running: worker.running, restarts: worker.restarts });
    let hubs = app.store().read(doors::hubs_of_all).await.ok();
    let hubs = hubs.map(|hubs| hubs.into_iter().map(|(id, online)| Hub { id, online }).collect());
    let status = readiness.status();
    let detail = Detail { readiness, database, workers: workers.collect(), hubs };
    (status, [(CACHE_CONTROL, "no-store")], Json(detail)).into_response()
}

/// `GET /metrics`: Prometheus text format. Counts by route and status, nothing about anybody (R32).
async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (headers, app.metrics().render())
}
