//! Replaces `wasm-streams` (`[patch.crates-io]` in the workspace's manifest).
//!
//! Leptos's `csr` feature brings in `server_fn`, which can send and receive streams through that crate. The console has
//! no server functions, but the crate exports classes to JavaScript, and exports stay in the wasm whether they are
//! called or not (figures in docs/performance.md). This crate has the four functions that `server_fn` names. They
//! compile, but can't create streams; to add a server function that streams, remove the patch.

use futures::stream::{Empty, Stream};
use wasm_bindgen::JsValue;

/// A JavaScript stream.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// From a Rust stream.
    ///
    /// # Panics
    /// Always.
    pub fn from_stream(_stream: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        panic!("streams are left out of the console: see kit/no-streams")
    }

    /// From a JavaScript stream.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// The JavaScript stream.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// As a Rust stream.
    ///
    /// # Panics
    /// Always.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        panic!("streams are left out of the console: see kit/no-streams")
    }
}
