//! The one HTTP client: requests, answers, and the mapping of everything that goes wrong to [`ApiError`].

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
};

use api_types::{Problem, ProblemCode};
use from_js::FromJs;
use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Promise, Reflect};
use leptos::prelude::window;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::{ApiError, BASE, IdempotencyKey};
use crate::{early::TIMEOUT_MS, intl};

/// The version of a resource that was read, to be sent with an edit of it (`If-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The version of an item of a list, as the item says it.
    pub fn of_item(etag: &str) -> Self {
        Self(etag.to_owned())
    }
}

/// A resource together with its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<T> {
    /// What was read.
    pub value: T,
    /// Its version; absent if the server sent none.
    pub etag: Option<ETag>,
}

type Listener<T> = RefCell<Option<Box<dyn Fn(T)>>>;

thread_local! {
    static SESSION_END: Listener<()> = const { RefCell::new(None) };
    static CONNECTION: Listener<bool> = const { RefCell::new(None) };
    static LAST_ANSWER_MS: Cell<f64> = const { Cell::new(0.0) };
    static LAST_ANSWER_ELSEWHERE_MS: Cell<f64> = const { Cell::new(0.0) };
    static SERVER_AHEAD_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// By how much the server's clock is ahead of this device's, in milliseconds, to about a second; 0 until it has answered.
pub fn server_ahead_ms() -> f64 {
    SERVER_AHEAD_MS.get()
}

/// When the server last answered, in milliseconds since 1970; 0 if it hasn't yet.
pub fn last_answer_ms() -> f64 {
    LAST_ANSWER_MS.get()
}

/// When the session was last extended, here or by another tab, in milliseconds since 1970.
pub fn last_extension_ms() -> f64 {
    LAST_ANSWER_MS.get().max(LAST_ANSWER_ELSEWHERE_MS.get())
}

/// The session was extended by another tab just now.
pub fn note_answer_elsewhere() {
    LAST_ANSWER_ELSEWHERE_MS.set(intl::now_ms());
}

/// Calls `listener` whenever any request is answered with 401 `signed_out`.
pub fn on_session_end(listener: impl Fn(()) + 'static) {
    SESSION_END.set(Some(Box::new(listener)));
}

/// Calls `listener` after every request, with `true` if the server answered, whatever it said.
pub fn on_connection_change(listener: impl Fn(bool) + 'static) {
    CONNECTION.set(Some(Box::new(listener)));
}

fn notify<T>(listeners: &'static std::thread::LocalKey<Listener<T>>, value: T) {
    listeners.with_borrow(|listener| {
        if let Some(listener) = listener {
            listener(value);
        }
    });
}

/// What a request carries besides its path.
#[derive(Default)]
struct Parts<'a> {
    json: Option<String>,
    file: Option<(&'static str, JsValue)>,
    key: Option<&'a IdempotencyKey>,
    if_match: Option<&'a ETag>,
}

struct Answer {
    status: u16,
    body: String,
    etag: Option<ETag>,
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Answer, ApiError>> + 'a>>;

/// Not generic, and boxed, so that it is compiled once and not into every caller.
#[inline(never)]
fn send<'a>(method: Method, path: &'a str, parts: Parts<'a>) -> Sent<'a> {
    Box::pin(send_and_notify(method, path, parts))
}

async fn send_and_notify(method: Method, path: &str, parts: Parts<'_>) -> Result<Answer, ApiError> {
    let sent = exchange(method, path, parts).await;
    notify(&CONNECTION, !matches!(sent, Err(ApiError::Offline)));
    if !matches!(sent, Err(ApiError::Offline)) {
        LAST_ANSWER_MS.set(js_sys::Date::now());
    }
    if matches!(sent, Err(ApiError::SignedOut)) {
        notify(&SESSION_END, ());
    }
    sent
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = latchkeyPrefetch)]
    fn request_early(path: &str) -> Result<(), JsValue>;
}

/// Sends a `GET` whose answer somebody is about to need. It is dropped after a few seconds if nobody takes it.
pub(super) fn prefetch(path: &str) {
    // Without `public/boot.js` nothing is prefetched; it is requested when it is needed.
    let _ = request_early(path);
}

/// The answers to what `public/boot.js` requested before the page did.
fn early() -> Option<js_sys::Map> {
    Reflect::get(&window(), &"latchkeyEarly".into()).ok()?.dyn_into().ok()
}

/// Takes the early answer to a `GET`, if there is one.
fn take_early(path: &str) -> Option<Promise> {
    let early = early()?;
    let answer = early.get(&path.into()).dyn_into().ok()?;
    early.delete(&path.into());
    Some(answer)
}

/// Whether the request was ended by `AbortSignal.timeout`.
fn is_timeout(error: &JsValue) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|name| name == "TimeoutError")
}

async fn exchange(method: Method, path: &str, parts: Parts<'_>) -> Result<Answer, ApiError> {
    if method != Method::GET {
        // A change, such as signing in, makes earlier answers stale.
        if let Some(early) = early() {
            early.clear();
        }
    } else if let Some(answer) = take_early(path) {
        match JsFuture::from(answer).await {
            Ok(early) => {
                let [response, body] = [0, 1].map(|at| js_sys::Array::from(&early).get(at));
                return answer_of(&web_sys::Response::from(response).into(), body.as_string().unwrap_or_default());
            }
            // It has had the time limit of any request.
            Err(error) if is_timeout(&error) => return Err(ApiError::Offline),
            // Another failure may be from a while ago: the request is sent again.
            Err(_) => {}
        }
    }
    let timeout = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    let mut request = RequestBuilder::new(&[BASE, path].concat())
        .method(method)
        .abort_signal(Some(&timeout))
        .header("accept", "application/json, application/problem+json")
        // What is written by mail because of it is in this language.
        .header("accept-language", &crate::locale::current());
    if let Some(key) = parts.key {
        request = request.header("idempotency-key", key.as_str());
    }
    if let Some(etag) = parts.if_match {
        request = request.header("if-match", &etag.0);
    }
    let request = match (parts.json, parts.file) {
        (Some(json), _) => request.header("content-type", "application/json").body(json),
        (None, Some((content_type, file))) => request.header("content-type", content_type).body(file),
        (None, None) => request.build(),
    }
    .map_err(|_| ApiError::Unexpected { status: 0 })?;

    let response = request.send().await.map_err(|_| ApiError::Offline)?;
    // An answer that breaks off midway says nothing about what the server did.
    let body = response.text().await.map_err(|_| ApiError::Offline)?;
    answer_of(&response, body)
}

fn answer_of(response: &Response, body: String) -> Result<Answer, ApiError> {
    let status = response.status();
    let date = response.headers().get("date").and_then(|date| intl::epoch_ms(&date));
    // `None` if something on the way has removed it: then the device's clock has to do.
    SERVER_AHEAD_MS.set(date.map_or(0.0, |date| date - intl::now_ms()));
    if response.ok() {
        return Ok(Answer { status, body, etag: response.headers().get("etag").map(ETag) });
    }
    let problem = from_js::parse::<Problem>(&body);
    Err(match problem {
        Some(problem) if problem.code.is(ProblemCode::SignedOut) => ApiError::SignedOut,
        Some(problem) => ApiError::Problem(Box::new(problem)),
        None if status == 401 => ApiError::SignedOut,
        None => ApiError::Unexpected { status },
    })
}

fn read<T: FromJs>(answer: &Answer) -> Result<T, ApiError> {
    from_js::parse(&answer.body).ok_or(ApiError::Unexpected { status: answer.status })
}

/// A body as JSON.
pub(super) fn write(body: &impl Serialize) -> Result<String, ApiError> {
    // Only maps with keys that aren't text fail, and the wire types have none.
    serde_json::to_string(body).map_err(|_| ApiError::Unexpected { status: 0 })
}

/// `GET`.
pub(super) async fn get<T: FromJs>(path: &str) -> Result<T, ApiError> {
    read(&send(Method::GET, path, Parts::default()).await?)
}

/// `GET` with the version of what was read.
pub(super) async fn get_tagged<T: FromJs>(path: &str) -> Result<Tagged<T>, ApiError> {
    let answer = send(Method::GET, path, Parts::default()).await?;
    Ok(Tagged { value: read(&answer)?, etag: answer.etag })
}

/// `POST` of something that needs no idempotency key.
pub(super) async fn post<T: FromJs>(path: &str, body: &impl Serialize) -> Result<T, ApiError> {
    let parts = Parts { json: Some(write(body)?), ..Parts::default() };
    read(&send(Method::POST, path, parts).await?)
}

/// `POST` of a change that must happen at most once.
pub(super) async fn post_once<T: FromJs>(
    path: &str,
    body: Option<&(impl Serialize + Sync)>,
    key: &IdempotencyKey,
) -> Result<T, ApiError> {
    let json = body.map(write).transpose()?;
    read(&send(Method::POST, path, Parts { json, key: Some(key), ..Parts::default() }).await?)
}

/// `POST` of JSON that is there already, for an answer that is read elsewhere.
pub(super) async fn post_json(path: &str, json: String, key: Option<&IdempotencyKey>) -> Result<String, ApiError> {
    let answer = send(Method::POST, path, Parts { json: Some(json), key, ..Parts::default() }).await?;
    Ok(answer.body)
}

/// `POST` of the text of a file.
pub(super) async fn post_text<T: FromJs>(
    path: &str,
    content_type: &'static str,
    text: String,
    key: Option<&IdempotencyKey>,
) -> Result<T, ApiError> {
    post_file(path, content_type, text.into(), key).await
}

/// `POST` of a file as it is.
pub(super) async fn post_file<T: FromJs>(
    path: &str,
    content_type: &'static str,
    file: JsValue,
    key: Option<&IdempotencyKey>,
) -> Result<T, ApiError> {
    let parts = Parts { file: Some((content_type, file)), key, ..Parts::default() };
    read(&send(Method::POST, path, parts).await?)
}

/// `PATCH` of a resource that was read with that version.
pub(super) async fn patch<T: FromJs>(
    path: &str,
    body: &impl Serialize,
    if_match: Option<&ETag>,
) -> Result<Tagged<T>, ApiError> {
    let parts = Parts { json: Some(write(body)?), if_match, ..Parts::default() };
    let answer = send(Method::PATCH, path, parts).await?;
    Ok(Tagged { value: read(&answer)?, etag: answer.etag })
}

/// `PUT` of what is to be so, which answers nothing.
pub(super) async fn put(path: &str, body: &impl Serialize) -> Result<(), ApiError> {
    let parts = Parts { json: Some(write(body)?), ..Parts::default() };
    send(Method::PUT, path, parts).await.map(|_| ())
}

/// `PUT` of what is to be so, of something that was read with that version.
pub(super) async fn put_for<T: FromJs>(path: &str, body: &impl Serialize, if_match: &ETag) -> Result<T, ApiError> {
    let parts = Parts { json: Some(write(body)?), if_match: Some(if_match), ..Parts::default() };
    read(&send(Method::PUT, path, parts).await?)
}

/// `POST` that says everything by its address.
pub(super) async fn post_nothing<T: FromJs>(path: &str) -> Result<T, ApiError> {
    read(&send(Method::POST, path, Parts::default()).await?)
}

/// `DELETE` of something that was read with that version, with a response body.
pub(super) async fn delete_matching<T: FromJs>(path: &str, if_match: &ETag) -> Result<T, ApiError> {
    read(&send(Method::DELETE, path, Parts { if_match: Some(if_match), ..Parts::default() }).await?)
}

/// `DELETE`.
pub(super) async fn delete(path: &str) -> Result<(), ApiError> {
    send(Method::DELETE, path, Parts::default()).await.map(|_| ())
}

/// `DELETE` of something that must happen at most once, with a response body.
pub(super) async fn delete_once<T: FromJs>(path: &str, key: &IdempotencyKey) -> Result<T, ApiError> {
    read(&send(Method::DELETE, path, Parts { key: Some(key), ..Parts::default() }).await?)
}

/// `DELETE` with a response body.
pub(super) async fn delete_for<T: FromJs>(path: &str) -> Result<T, ApiError> {
    read(&send(Method::DELETE, path, Parts::default()).await?)
}
