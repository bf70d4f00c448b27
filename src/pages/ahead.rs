//! What a link leads to, asked for before one is there: its page comes whole, without an empty one between.

use std::{cell::Cell, rc::Rc};

use crate::prelude::*;
use js_sys::Promise;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event};

use super::chunks::chunk_of;
use crate::{
    location::{Going, Location},
    routes::Route,
};

#[wasm_bindgen]
extern "C" {
    /// Of `public/boot.js`: the path to which a press of a link leads, when what its page needs is there.
    #[wasm_bindgen(js_name = latchkeyAhead)]
    fn ahead(event: &Event) -> Option<Promise>;
}

/// Begins to download a page's code as soon as a link to it is pointed at or gets the focus, asks the server for what it
/// shows first when the link is pressed, and goes there when that has come. Call it once.
///
/// What takes longer than a tenth of a second isn't waited for: the page is shown as it loads then.
pub fn look_ahead(location: Location) {
    for sign in ["pointerover", "focusin"] {
        on(sign, preload_code);
    }
    // Pressed and not yet let go: a hand takes a while for that.
    on("mousedown", |event| {
        let _ = ahead(&event);
    });
    let turns = Rc::new(Cell::new(0_u32));
    on("click", move |event| {
        let Some(ahead) = ahead(&event) else { return };
        // The router, which listens further out, leaves it to us.
        event.prevent_default();
        let here = location.path.get_untracked();
        let turn = turns.get().wrapping_add(1);
        turns.set(turn);
        let turns = turns.clone();
        spawn_local(async move {
            let path = JsFuture::from(ahead).await.ok().and_then(|path| path.as_string());
            // Unless one went elsewhere meanwhile.
            let is_last = turns.get() == turn && location.path.get_untracked() == here;
            if let Some(path) = path.filter(|_| is_last) {
                location.go(&path, Going::Onward);
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
    // Without a network nobody has asked for anything yet that could fail.
    if let Some(chunk) = chunk.filter(|_| window().navigator().on_line()) {
        chunk.preload();
    }
}

fn on(sign: &str, heard: impl Fn(Event) + 'static) {
    let heard = Closure::<dyn Fn(Event)>::new(heard);
    let _ = document().add_event_listener_with_callback(sign, heard.as_ref().unchecked_ref());
    // As long as the page.
    heard.forget();
}
