//! What handlers share, and the whole of the HTTP server put together.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::header::ALLOW;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use store::{Db, Millis, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::assets::Assets;
use crate::auth::{PasswordCost, Passwords, Throttle, refuse_two_credentials};
use crate::clock::Clock;
use crate::extract::BODY_LIMIT;
use crate::hubs::Hubs;
use crate::probing::{self, Probing};
use crate::problem::{Problem, Result};
use crate::worker::{self, Health};
use crate::{assets, headers, health, openapi, request_id};

/// A handler that hasn't begun to answer after so long is given up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data are made up ([`crate::demo`]); the console says so.
    pub demo: bool,
    /// A proxy stands in front: its `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub behind_proxy: bool,
    /// What a password's hash costs. [`PasswordCost::FOR_TESTS`] is for tests alone.
    pub password_cost: PasswordCost,
}

impl Default for Settings {
    fn default() -> Self {
        Self { demo: false, behind_proxy: false, password_cost: PasswordCost::STANDARD }
    }
}

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    hubs: Hubs,
    probing: Arc<Probing>,
    workers: Arc<Health>,
    passwords: Passwords,
    throttle: Throttle,
    assets: Assets,
    metrics: PrometheusHandle,
    settings: Settings,
    shutdown: watch::Sender<bool>,
}

impl App {
    /// The server's parts around an open store.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn new(store: Store, clock: Clock, hubs: Hubs, settings: Settings) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            store,
            passwords: Passwords::new(settings.password_cost)?,
            throttle: Throttle::new(clock.clone()),
            clock,
            hubs,
            probing: Arc::default(),
            workers: Arc::default(),
            assets: Assets::embedded(),
            metrics: health::metrics_recorder(),
            settings,
            shutdown: watch::Sender::new(false),
        })))
    }

    /// The records.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock; [`App::now`] for short.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The hubs with their locks.
    pub fn hubs(&self) -> &Hubs {
        &self.0.hubs
    }

    /// Asks the records something; see [`Store::read`].
    ///
    /// # Errors
    /// What `question` answers; 503 where the database failed.
    pub async fn read<T: Send + 'static>(&self, question: impl FnOnce(&Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.0.store.read(question).await
    }

    /// Who was turned away and isn't on record yet.
    pub fn probing(&self) -> &Arc<Probing> {
        &self.0.probing
    }

    /// How the workers are.
    pub fn workers(&self) -> &Arc<Health> {
        &self.0.workers
    }

    /// Starts what drives the locks, keeps the time of codes and the record. It ends when the set is dropped.
    pub fn start_workers(&self) -> JoinSet<()> {
        worker::start(&self.0.store, &self.0.hubs, &self.0.clock, &self.0.workers, &self.0.probing)
    }

    /// Now, in milliseconds since 1970 in UTC.
    pub fn now(&self) -> Millis {
        self.0.clock.now()
    }

    /// Hashes and checks passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Slows down guessing.
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The data are made up.
    pub fn demo(&self) -> bool {
        self.0.settings.demo
    }

    /// A proxy stands in front of the server.
    pub fn behind_proxy(&self) -> bool {
        self.0.settings.behind_proxy
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.0.assets
    }

    pub(crate) fn metrics(&self) -> &PrometheusHandle {
        &self.0.metrics
    }

    /// Begins to stop: streams end, so that their connections can be closed.
    pub fn shut_down(&self) {
        self.0.shutdown.send_replace(true);
    }

    /// Returns once the server begins to stop. Answers that stream without an end must end then.
    pub async fn shutting_down(&self) {
        // An error means that the sender is gone, which this holds itself.
        let _ = self.0.shutdown.subscribe().wait_for(|stopping| *stopping).await;
    }
}

/// The whole server: the API, the console and what operators ask.
pub fn router(app: App) -> Router {
    let (api, document) = openapi::router().split_for_parts();
    Router::new()
        .merge(api)
        .merge(openapi::published(document))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(fallback)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(refuse_two_credentials))
        .layer(middleware::from_fn_with_state(app.clone(), probing::layer))
        .layer(middleware::from_fn(time_out))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(app.clone(), headers::layer))
        .layer(middleware::from_fn(observe))
        .layer(middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// Everything that no route takes: nothing under `/api`, the console's files and pages elsewhere.
async fn fallback(axum::extract::State(app): axum::extract::State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Problem::not_found().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ([(ALLOW, "GET, HEAD")], Problem::method_not_allowed()).into_response();
    }
    assets::serve(&app, request.uri().path(), request.headers())
}

async fn time_out(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::timed_out().into_response(),
    }
}

/// The panic's own words went to the log by the panic hook and are not sent.
fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Logs and counts requests by method and route. Neither paths nor queries nor bodies: they may hold what is nobody's
/// business.
async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id = request_id::current(), %method, route);
    let began = std::time::Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    let status = response.status();
    span.in_scope(|| log(status, took));
    let labels = [("method", known_method(&method)), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!("latchkey_http_requests_total", &labels).increment(1);
    metrics::histogram!("latchkey_http_request_seconds", &labels[..2]).record(took.as_secs_f64());
    response
}

fn log(status: StatusCode, took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::error!(status = status.as_u16(), ms, "answered");
    } else {
        tracing::info!(status = status.as_u16(), ms, "answered");
    }
}

/// Methods that clients make up would make a metric each.
fn known_method(method: &Method) -> String {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            method.to_string()
        }
        _ => "other".to_owned(),
    }
}
