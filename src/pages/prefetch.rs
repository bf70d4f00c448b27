//! Prefetching what links lead to, so that a page is shown complete, without a skeleton first.

use std::{cell::Cell, rc::Rc};

use crate::prelude::*;
use js_sys::Promise;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event};

use super::chunks::chunk_of;
use crate::{
    location::{Location, Navigation},
    routes::Route,
};

#[wasm_bindgen]
extern "C" {
    /// From `public/boot.js`: resolves to the path that a pressed link leads to, once what its page needs has arrived.
    #[wasm_bindgen(js_name = latchkeyPressed)]
    fn pressed(event: &Event) -> Option<Promise>;
}

/// Starts to download a page's code when a link to it is pointed at or focused, requests what the page shows first when
/// the link is pressed, and navigates when the answers have arrived. Call it once.
///
/// After a tenth of a second it navigates anyway, and the page shows itself loading.
pub fn prefetch_links(location: Location) {
    for event in ["pointerover", "focusin"] {
        on(event, preload_code);
    }
    // A press starts the requests: it takes a hand a while to release the button.
    on("mousedown", |event| {
        let _ = pressed(&event);
    });
    let turns = Rc::new(Cell::new(0_u32));
    on("click", move |event| {
        let Some(ready) = pressed(&event) else { return };
        // The router listens further out, and ignores the click then.
        event.prevent_default();
        let here = location.path.get_untracked();
        let turn = turns.get().wrapping_add(1);
        turns.set(turn);
        let turns = turns.clone();
        spawn_local(async move {
            let path = JsFuture::from(ready).await.ok().and_then(|path| path.as_string());
            // Unless the person went elsewhere meanwhile.
            let is_last = turns.get() == turn && location.path.get_untracked() == here;
            if let Some(path) = path.filter(|_| is_last) {
                location.go(&path, Navigation::Push);
            }
        });
    });
}

fn preload_code(event: Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href^='/']").ok().flatten());
    let address = link.and_then(|link| link.get_attribute("href")).unwrap_or_default();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let chunk = Route::parse(path).and_then(chunk_of).filter(|chunk| !chunk.is_loaded());
    // Not without a network: a failed preload would be reported although nobody has opened the page.
    if let Some(chunk) = chunk.filter(|_| window().navigator().on_line()) {
        chunk.preload();
    }
}

fn on(event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener);
    let _ = document().add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    // It lives as long as the page.
    listener.forget();
}
