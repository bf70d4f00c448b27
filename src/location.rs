//! Where the console is: the address, the history and the links, all of leptos_router.
//!
//! Its `<Router>` is left out: which page an address is [`crate::routes::Route`] knows, and views of the router's own kind
//! would be in everybody's first download without ever showing anything.

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
    /// Puts it into the context, and has links within the console lead there without loading the page anew.
    pub fn provide() -> Self {
        let browser = BrowserUrl::new().expect("a page has an address");
        browser.init(None);
        let url = browser.as_url().clone();
        // A link changes the address bar only once the page is said to be shown; pages here show themselves as loading.
        Effect::new({
            let browser = browser.clone();
            move |_| {
                browser.as_url().track();
                browser.ready_to_complete();
            }
        });
        let part = |part: fn(&Url) -> &str| {
            let url = LocalValue::new_local(url.clone());
            Memo::new(move |_| url.with_value(|url| url.with(|url| part(url).to_owned())))
        };
        let location = Self {
            path: part(Url::path),
            search: part(Url::search),
            params: {
                let url = url.clone();
                Memo::new(move |_| url.with(|url| url.search_params().clone()))
            },
            browser: LocalValue::new_local(browser),
        };
        provide_context(location);
        location
    }

    /// Goes to an address (path and query).
    pub fn go(&self, address: &str, how: Going) {
        let Ok(url) = BrowserUrl::parse(address) else { return };
        let change = LocationChange {
            value: address.to_owned(),
            replace: how != Going::Onward,
            scroll: how != Going::Within,
            ..LocationChange::default()
        };
        self.browser.with_value(|browser| browser.as_url().set(url));
        if how != Going::Within {
            return self.browser.with_value(|browser| browser.complete_navigation(&change));
        }
        // What asks the server for other rows does so first: changing the address bar takes a browser longer than that. No
        // time passes until then, so that nothing is pressed meanwhile.
        let browser = self.browser;
        spawn_local(async move {
            let _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
            browser.with_value(|browser| browser.complete_navigation(&change));
        });
    }
}

/// How to go to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    /// *Back* returns here.
    Onward,
    /// In place of this address: *back* doesn't return here.
    Instead,
    /// As [`Going::Instead`], and one stays where one has scrolled to: only a filter has changed.
    Within,
}

/// Where the console is. Call it in a component's body.
pub fn use_location() -> Location {
    expect_context()
}
