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
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use crate::session::is_covered;

/// The address of the page, which follows links and the browser's *back*. Copy it freely.
#[derive(Clone, Copy)]
pub struct Location {
    browser: LocalValue<BrowserUrl>,
    /// Whether something would be lost by leaving the page.
    unsaved: RwSignal<Option<Signal<bool>>>,
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
        let unsaved = RwSignal::new(None);
        // Before the router's own listener, which it keeps from hearing of it.
        ask_before_going_back(unsaved);
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
            unsaved,
        };
        provide_context(location);
        location
    }

    /// Goes to an address (path and query).
    pub fn go(&self, address: &str, how: Navigation) {
        if how == Navigation::Push && !may_leave(self.unsaved) {
            return;
        }
        // Unless a link was followed.
        if how == Navigation::Push && Place::remembered().is_none() {
            Place::here(None).remember();
        }
        let Ok(url) = BrowserUrl::parse(address) else { return };
        // What is shown follows the whole address, also where the browser's history doesn't get all of it.
        let change = LocationChange {
            value: without_digits(address),
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

/// Where a page was left.
pub struct Place {
    /// How far it was scrolled, in whole pixels: reading and writing fractions would be 20 kB of the first download.
    pub pixels: i32,
    /// The `href` of the link in its content that was followed, if it was one.
    pub link: Option<String>,
}

impl Place {
    /// The current place, about to be left by a link.
    pub fn here(link: Option<String>) -> Self {
        Self { pixels: window().scroll_y().unwrap_or_default() as i32, link }
    }

    /// Makes the current history entry remember it.
    pub fn remember(&self) {
        let state = [&self.pixels.to_string(), " ", self.link.as_deref().unwrap_or_default()].concat();
        if let Ok(history) = window().history() {
            let _ = history.replace_state(&JsValue::from_str(&state), "");
        }
    }

    /// Makes the current history entry remember nothing: the page isn't where it was left any more.
    pub fn forget() {
        if Self::remembered().is_some()
            && let Ok(history) = window().history()
        {
            let _ = history.replace_state(&JsValue::NULL, "");
        }
    }

    /// What the current history entry remembers.
    pub fn remembered() -> Option<Self> {
        let state = window().history().ok()?.state().ok()?.as_string()?;
        let (pixels, link) = state.split_once(' ')?;
        Some(Self { pixels: pixels.parse().ok()?, link: Some(link.to_owned()).filter(|link| !link.is_empty()) })
    }
}

/// Asks before the page is left by a link, a key, *Back* or the browser, as long as `unsaved` holds. Call it in a
/// component's body.
pub fn ask_before_leaving(unsaved: Signal<bool>) {
    let asks = use_location().unsaved;
    asks.set(Some(unsaved));
    // The browser asks in its own words. Not about a page that is somebody else's by now.
    let listener = window_event_listener_untyped("beforeunload", move |event| {
        if unsaved.get_untracked() && !is_covered() {
            event.prevent_default();
        }
    });
    let click = Closure::<dyn Fn(web_sys::MouseEvent)>::new(move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let link = target.and_then(|target| target.closest("a[href^='/']:not([target], [download])").ok().flatten());
        let is_here = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key());
        if link.is_some() && is_here && !may_leave(asks) {
            event.prevent_default();
            event.stop_propagation();
        }
    });
    // While the event is on its way down, before any other listener.
    let _ = document().add_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
    let click = LocalValue::new_local(Some(click));
    on_cleanup(move || {
        listener.remove();
        let _ = asks.try_set(None);
        if let Some(Some(click)) = click.try_update_value(Option::take) {
            let _ =
                document().remove_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
        }
    });
}

/// Asks whether what is unsaved may be lost, if anything is. Once somebody has said so they aren't asked again.
fn may_leave(asks: RwSignal<Option<Signal<bool>>>) -> bool {
    let unsaved = asks.get_untracked().is_some_and(|unsaved| unsaved.try_get_untracked().unwrap_or_default());
    if !unsaved {
        return true;
    }
    let leaves = window().confirm_with_message(t::shell::leave_unsaved()).unwrap_or(true);
    if leaves {
        asks.set(None);
    }
    leaves
}

/// *Back* has changed the address by the time a page hears of it: whoever stays gets the address back.
fn ask_before_going_back(asks: RwSignal<Option<Signal<bool>>>) {
    let here = LocalValue::new_local(String::new());
    let address = || {
        let location = window().location();
        [location.pathname().unwrap_or_default(), location.search().unwrap_or_default()].concat()
    };
    effect(move || {
        if asks.get().is_some() {
            here.set_value(address());
        }
    });
    // Never removed: it lives as long as the page.
    let _ = window_event_listener_untyped("popstate", move |event| {
        if !may_leave(asks) {
            event.stop_immediate_propagation();
            if let Ok(history) = window().history() {
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&here.get_value()));
            }
        }
    });
}

/// The address without words to search for that may be the digits of a code: addresses are kept by browsers (R32).
pub fn without_digits(address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else { return address.to_owned() };
    let may_be_a_code = |part: &str| {
        let mut run = 0;
        part.starts_with("q=")
            && part.bytes().any(|byte| {
                run = if byte.is_ascii_digit() { run + 1 } else { 0 };
                run == access_code::Length::Four.digits()
            })
    };
    let kept: Vec<_> = query.split('&').filter(|part| !may_be_a_code(part)).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    [path, mark, &kept.join("&")].concat()
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
