//! Putting the whole HTTP server together.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::app::App;
use crate::auth::refuse_two_credentials;
use crate::denials::KnownCaller;
use crate::extract::{BODY_LIMIT, BodyTime};
use crate::problem::{Problem, RefusedUnrecorded};
use crate::{assets, headers, health, openapi, request_id};

/// How long a handler may take to begin its response before it is given up: longer than its body may take to arrive
/// ([`crate::app::Settings::body_time`]).
const TIMEOUT: Duration = Duration::from_secs(30);

/// The whole public server: the API, the console, and whether it is alive and ready.
pub fn router(app: App) -> Router {
    let (api, document) = openapi::router().split_for_parts();
    Router::new()
        .merge(api)
        .merge(openapi::published(document))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(fallback)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(BodyTime(app.body_time())))
        .layer(middleware::from_fn_with_state(app.clone(), refuse_two_credentials))
        .layer(middleware::from_fn_with_state(app.clone(), note_refusals))
        .layer(middleware::from_fn(time_out))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(app.clone(), headers::layer))
        .layer(middleware::from_fn(observe))
        .layer(middleware::from_fn_with_state(app.clone(), keep_back))
        .layer(middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// Everything without a route: not found under `/api`, the console's files and pages elsewhere.
async fn fallback(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Problem::not_found().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ([(ALLOW, "GET, HEAD")], Problem::method_not_allowed()).into_response();
    }
    assets::serve(app.assets(), request.uri().path(), request.headers())
}

/// The event after which `GET /events` has everything that isn't in the answer.
static EVENTS_AT: HeaderName = HeaderName::from_static("events-at");

/// Notes who was turned away, which is recorded a moment later (R31). And tells those who are signed in where to follow what
/// happens from.
async fn note_refusals(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let known_caller = KnownCaller::default();
    // Before anything is read: what is committed after that is still to come there.
    let events_at = (request.method() == Method::GET).then(|| app.events_at());
    request.extensions_mut().insert(known_caller.clone());
    let route = request.extensions().get::<MatchedPath>().map(|path| format!("{} {}", request.method(), path.as_str()));
    let mut response = next.run(request).await;
    if let Some(Ok(place)) = events_at.filter(|_| known_caller.is_known()).map(HeaderValue::try_from) {
        response.headers_mut().insert(EVENTS_AT.clone(), place);
    }
    if let (Some(refused), Some(route)) = (response.extensions().get::<RefusedUnrecorded>(), route) {
        app.denials().note(&known_caller, route, refused.0, app.now());
    }
    response
}

async fn time_out(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::timed_out().into_response(),
    }
}

/// Keeps back whatever says to wait. Who guesses passwords or links as fast as answers come would otherwise cost everybody
/// else the processor, though none of the guesses is looked at: a connection asks for the next thing once it has its answer,
/// and there are only so many connections.
async fn keep_back(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        tokio::time::sleep(app.waits_told_after()).await;
    }
    response
}

/// The panic hook has logged the panic's message, which isn't sent.
fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Logs and counts requests by method and route, but never paths, queries or bodies, which may hold private data.
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

/// Maps methods that clients make up to one name; otherwise each would create a metric of its own.
fn known_method(method: &Method) -> String {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            method.to_string()
        }
        _ => "other".to_owned(),
    }
}
