//! Opening the command palette and the list of shortcuts, and the keyboard shortcuts themselves.

use crate::prelude::*;
use web_sys::KeyboardEvent;

use super::{Navigate, Place, places, use_go, use_properties};
use crate::{
    routes::Route,
    session::{SessionStore, use_session},
};

/// Where it is stored that single-key shortcuts are off.
const SLOT: &str = "latchkey.keys";

/// How long after `g` a second key counts, in milliseconds.
const SECOND_KEY_MS: f64 = 1500.0;

/// A tool that can be opened over any page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The command palette: pages and actions, found by typing.
    Palette,
    /// The list of keyboard shortcuts.
    Keys,
}

/// Which tool is open. Copy it freely.
#[derive(Clone, Copy)]
pub struct Tools(RwSignal<Option<Tool>>);

impl Tools {
    /// Puts itself into the context.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// The one that is open.
    pub fn open(&self) -> Signal<Option<Tool>> {
        self.0.into()
    }

    /// Opens one, in place of any other.
    pub fn show(&self, tool: Tool) {
        self.0.set(Some(tool));
    }

    /// Closes the open one.
    pub fn close(&self) {
        self.0.set(None);
    }
}

/// The tools. Call it in a component's body.
pub fn use_tools() -> Tools {
    expect_context()
}

/// Whether single-key shortcuts are on; people who use speech input turn them off (WCAG 2.1.4).
pub fn keys_on() -> bool {
    let stored = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(SLOT).ok().flatten());
    stored.as_deref() != Some("off")
}

/// Turns single-key shortcuts on or off, and remembers it on this device.
pub fn set_keys_on(on: bool) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Without storage the choice is lost with the page, nothing more.
        let _ = if on { storage.remove_item(SLOT) } else { storage.set_item(SLOT, "off") };
    }
}

/// Starts to listen for shortcuts. Call it once, where the session and the location are in the context.
pub fn listen_to_keys() {
    let keys = Keys { tools: use_tools(), session: use_session(), properties: use_properties(), go: use_go() };
    let after_g = StoredValue::new(f64::NEG_INFINITY);
    let listener = window_event_listener_untyped("keydown", move |event| {
        let event: KeyboardEvent = wasm_bindgen::JsCast::unchecked_into(event);
        if event.default_prevented() || event.is_composing() || keys.session.user().is_none() {
            return;
        }
        let key = event.key();
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            keys.tools.show(Tool::Palette);
            return;
        }
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if modified || is_typing(&event) || is_dialog_or_menu_open() || !keys_on() {
            return;
        }
        let now = event.time_stamp();
        let second = now - after_g.get_value() < SECOND_KEY_MS;
        after_g.set_value(if key == "g" && !second { now } else { f64::NEG_INFINITY });
        if keys.press(&key, second) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

#[derive(Clone, Copy)]
struct Keys {
    tools: Tools,
    session: SessionStore,
    properties: super::PropertyScope,
    go: Navigate,
}

impl Keys {
    /// Runs the shortcut of a key; returns whether it has one.
    fn press(self, key: &str, after_g: bool) -> bool {
        match (key, after_g) {
            (key, true) => match self.place(key) {
                Some(route) => self.go.to(route),
                None => return false,
            },
            ("?", false) => self.tools.show(Tool::Keys),
            ("/", false) => return focus_search(),
            ("n", false) => match self.issuing() {
                Some(route) => self.go.to(route),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    fn place(self, key: &str) -> Option<Route> {
        let property = untrack(|| self.properties.current());
        let places = places(&untrack(|| self.session.roles()), property.map(|property| property.id));
        places.into_iter().find(|Place { key: of, .. }| *of == key).map(|place| place.route)
    }

    fn issuing(self) -> Option<Route> {
        let property = untrack(|| self.properties.current());
        issuing_for(&untrack(|| self.session.roles()), property.as_ref())
    }
}

/// Where a person with these roles issues a guest code.
pub fn issuing_for(roles: &[api_types::Role], property: Option<&api_types::PropertyInBrief>) -> Option<Route> {
    if roles.contains(&api_types::Role::Resident) {
        return Some(Route::MyGuestCodeNew);
    }
    property.filter(|_| roles.contains(&api_types::Role::Manager)).map(|property| Route::GuestCodeNew(property.id))
}

/// Whether the key goes to a text field.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target: Option<web_sys::Element> =
        event.target().and_then(|target| wasm_bindgen::JsCast::dyn_into(target).ok());
    target.is_some_and(|target| {
        target
            .matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")
            .unwrap_or(true)
    })
}

fn is_dialog_or_menu_open() -> bool {
    document().query_selector("dialog[open], .menu:popover-open").is_ok_and(|open| open.is_some())
}

fn focus_search() -> bool {
    let field = document().query_selector("main input[type=search]").ok().flatten();
    match field.and_then(|field| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(field).ok()) {
        Some(field) => field.focus().is_ok(),
        None => false,
    }
}
