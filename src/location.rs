//! The address, the history and links: the parts of leptos_router that the console uses.
//!
//! Its `<Router>` is left out: [`crate::routes::Route`] knows which page an address is, and the router's own kind of
//! views would be in every first download without ever showing anything.

use crate::prelude::*;
use js_sys::Promise;
use leptos::{
    prelude::{Set, Track},
    task::spawn_local,
};
use leptos_router::{
    location::{BrowserUrl, LocationChange, LocationProvider, Url},
    params::ParamsMap,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The address of the page, which follows links and the browser's *back*. Copy it freely.
#[derive(Clone, Copy)]
pub struct Location {
    browser: LocalValue<BrowserUrl>,
    /// The path.
    pub path: Memo<String>,
    /// The query, without its `?`.
    pub search: Memo<String>,
    /// The query's parameters.
    pub params: Memo<ParamsMap>,
}

impl Location {
    /// Puts it into the context, and makes links within the console navigate without reloading the page.
    pub fn provide() -> Self {
        let browser = BrowserUrl::new().expect("a page has an address");
        browser.init(None);
        let url = browser.as_url().clone();
        // The router changes the address bar once the page is ready; pages here show themselves while loading.
        effect({
            let browser = browser.clone();
            move || {
                browser.as_url().track();
                browser.ready_to_complete();
            }
        });
        let part = |part: fn(&Url) -> &str| {
            let url = LocalValue::new_local(url.clone());
            memo(move || url.with_value(|url| url.with(|url| part(url).to_owned())))
        };
        let location = Self {
            path: part(Url::path),
            search: part(Url::search),
            params: {
                let url = url.clone();
                memo(move || url.with(|url| url.search_params().clone()))
            },
            browser: LocalValue::new_local(browser),
        };
        provide_context(location);
        location
    }

    /// Goes to an address (path and query).
    pub fn go(&self, address: &str, how: Navigation) {
        let Ok(url) = BrowserUrl::parse(address) else { return };
        let change = LocationChange {
            value: address.to_owned(),
            replace: how != Navigation::Push,
            scroll: how != Navigation::ReplaceKeepingScroll,
            ..LocationChange::default()
        };
        self.browser.with_value(|browser| browser.as_url().set(url));
        if how != Navigation::ReplaceKeepingScroll {
            return self.browser.with_value(|browser| browser.complete_navigation(&change));
        }
        // Requests for other rows are sent first, since changing the address bar takes a browser longer. A microtask
        // later, so that no input event comes in between.
        let browser = self.browser;
        spawn_local(async move {
            let _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
            browser.with_value(|browser| browser.complete_navigation(&change));
        });
    }
}

/// What navigating to an address does to the history and the scroll position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Navigation {
    /// *Back* returns here.
    Push,
    /// In place of this address: *back* doesn't return here.
    Replace,
    /// As [`Navigation::Replace`], but the page stays scrolled where it is: only a filter has changed.
    ReplaceKeepingScroll,
}

/// The current location. Call it in a component's body.
pub fn use_location() -> Location {
    expect_context()
}
