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
    location::{BrowserUrl, LocationChange, LocationProvider, State},
    params::ParamsMap,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use crate::{searched, session::is_covered};

/// The address of the page, which follows links and the browser's *back*. Copy it freely.
#[derive(Clone, Copy)]
pub struct Location {
    browser: LocalValue<BrowserUrl>,
    /// What is searched for in the history entry that the browser is about to show, if its address doesn't say it.
    arriving: StoredValue<Option<String>>,
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
        let arriving = StoredValue::new(hide_searched());
        let browser = BrowserUrl::new().expect("a page has an address");
        let unsaved = RwSignal::new(None);
        // Before the router's own listener, which it keeps from hearing of it.
        listen_to_back(unsaved, arriving);
        browser.init(None);
        // The address of the page, also with what the browser isn't shown of it.
        let address = memo({
            let url = LocalValue::new_local(browser.as_url().clone());
            move || {
                let mut address = url.with_value(|url| url.with(|url| [url.path(), "?", url.search()].concat()));
                if let Some(searched) = arriving.try_update_value(Option::take).flatten() {
                    address = [&address, "&", &searched].concat();
                }
                address
            }
        });
        // The router changes the address bar once the page is ready; pages here show themselves while loading.
        effect({
            let browser = browser.clone();
            move || {
                browser.as_url().track();
                browser.ready_to_complete();
            }
        });
        let part = |which: fn((&str, &str)) -> String| {
            memo(move || address.with(|address| which(address.split_once('?').unwrap_or((address, "")))))
        };
        let location = Self {
            path: part(|(path, _)| path.to_owned()),
            search: part(|(_, search)| search.trim_start_matches('&').to_owned()),
            params: memo(move || {
                let url = address.with(|address| BrowserUrl::parse(address));
                url.map(|url| url.search_params().clone()).unwrap_or_default()
            }),
            browser: LocalValue::new_local(browser),
            arriving,
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
        let Shown { address, searched, is_kept } = shown(address);
        let key = if how == Navigation::Push { String::new() } else { entry().1 };
        let key = searched::keep(&key, if is_kept { &searched } else { "" });
        let change = LocationChange {
            value: address,
            replace: how != Navigation::Push,
            scroll: how != Navigation::ReplaceKeepingScroll,
            state: State::new(entry_state("", &key)),
        };
        self.arriving.set_value(None);
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
        replace_place(&[&self.pixels.to_string(), " ", self.link.as_deref().unwrap_or_default()].concat());
    }

    /// Makes the current history entry remember none: the page isn't where it was left any more.
    pub fn forget() {
        if Self::remembered().is_some() {
            replace_place("");
        }
    }

    /// What the current history entry remembers.
    pub fn remembered() -> Option<Self> {
        let (place, _) = entry();
        let (pixels, link) = place.split_once(' ')?;
        Some(Self { pixels: pixels.parse().ok()?, link: Some(link.to_owned()).filter(|link| !link.is_empty()) })
    }
}

/// What the current history entry remembers besides its address: in one line a [`Place`], in the other the key of what is
/// searched for ([`searched`]). Each may be empty.
fn entry() -> (String, String) {
    let state = window().history().ok().and_then(|history| history.state().ok()?.as_string()).unwrap_or_default();
    let (place, key) = state.split_once('\n').unwrap_or((&state, ""));
    (place.to_owned(), key.to_owned())
}

/// What a history entry keeps for [`entry`], if that is anything. `public/boot.js` looks for the second line.
fn entry_state(place: &str, key: &str) -> Option<JsValue> {
    (!place.is_empty() || !key.is_empty()).then(|| JsValue::from_str(&[place, "\n", key].concat()))
}

/// Replaces the place that the current history entry remembers.
fn replace_place(place: &str) {
    let state = entry_state(place, &entry().1).unwrap_or(JsValue::NULL);
    if let Ok(history) = window().history() {
        let _ = history.replace_state(&state, "");
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
fn listen_to_back(asks: RwSignal<Option<Signal<bool>>>, arriving: StoredValue<Option<String>>) {
    let here = LocalValue::new_local(String::new());
    effect(move || {
        if asks.get().is_some() {
            here.set_value(address_bar());
        }
    });
    // Never removed: it lives as long as the page.
    let _ = window_event_listener_untyped("popstate", move |event| {
        if may_leave(asks) {
            return arriving.set_value(searched::words(&entry().1));
        }
        event.stop_immediate_propagation();
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&here.get_value()));
        }
    });
}

/// The address that the browser shows (path and query).
fn address_bar() -> String {
    let location = window().location();
    [location.pathname().unwrap_or_default(), location.search().unwrap_or_default()].concat()
}

/// Takes out of the address that the page was opened with what it mustn't keep, as from a link to an older console. What
/// is searched for, unless the address says it.
fn hide_searched() -> Option<String> {
    let Shown { address, searched, is_kept } = shown(&address_bar());
    let (place, key) = entry();
    if searched.is_empty() {
        return searched::words(&key);
    }
    if let Ok(history) = window().history() {
        let key = searched::keep(&key, if is_kept { &searched } else { "" });
        let state = entry_state(&place, &key).unwrap_or(JsValue::NULL);
        let _ = history.replace_state_with_url(&state, "", Some(&address));
    }
    Some(searched)
}

/// An address as browsers may keep and show it (R32), and what it doesn't say.
pub struct Shown {
    /// Path and query.
    pub address: String,
    /// The words to search for that aren't in it, as in a query: `q=aunt%20clara`.
    searched: String,
    /// Whether the history entry may remember them. The digits of a code only the page has, as long as it is there.
    is_kept: bool,
}

/// The address without words to search for: addresses are kept by browsers, whoever uses them next, and the words may be
/// people's names or the digits of a code (R32).
pub fn shown(address: &str) -> Shown {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut shown = Shown { address: path.to_owned(), searched: String::new(), is_kept: true };
    let mut mark = "?";
    for part in query.split('&') {
        if part.starts_with("q=") {
            let mut run = 0;
            let may_be_a_code = part.bytes().any(|byte| {
                run = if byte.is_ascii_digit() { run + 1 } else { 0 };
                run == access_code::Length::Four.digits()
            });
            shown.searched = part.to_owned();
            shown.is_kept = !may_be_a_code;
        } else if !part.is_empty() {
            shown.address.push_str(mark);
            shown.address.push_str(part);
            mark = "&";
        }
    }
    shown
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
