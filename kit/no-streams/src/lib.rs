//! In the place of `wasm-streams` (`[patch.crates-io]` in the workspace's manifest).
//!
//! Leptos's `csr` feature brings `server_fn`, which can send and receive streams through that crate. The console has no
//! server functions; but the crate exports classes to JavaScript, and what is exported stays in the wasm whether anybody
//! calls it or not (figures in docs/performance.md). This has the four functions that `server_fn` names. They compile; a
//! stream can't be made of them, and whoever adds a server function that streams takes the patch out.

use futures::stream::{Empty, Stream};
use wasm_bindgen::JsValue;

/// A stream of JavaScript's.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// One of a stream of Rust's.
    ///
    /// # Panics
    /// Always.
    pub fn from_stream(_stream: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        panic!("streams are left out of the console: see kit/no-streams")
    }

    /// One that JavaScript made.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// As JavaScript has it.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// As Rust has it.
    ///
    /// # Panics
    /// Always.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        panic!("streams are left out of the console: see kit/no-streams")
    }
}
