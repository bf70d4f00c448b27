//! Query strings: building them for requests and links, and filters in the address.
//!
//! Never put a code's digits, guest names or phone numbers in one: addresses end up in histories and logs (R32).

use crate::prelude::*;
use wasm_bindgen::JsValue;

use crate::{
    early::{FIRST_ROWS, FirstRows},
    location::{Navigation, use_location},
};

/// Builds a query string; empty values are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query(String);

impl Query {
    /// An empty query.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter unless its value is empty.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push(if self.0.is_empty() { '?' } else { '&' });
            self.0.push_str(key);
            self.0.push('=');
            self.0.push_str(&String::from(js_sys::encode_uri_component(value)));
        }
        self
    }

    /// Adds a parameter if there is a value.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<&str>) -> Self {
        self.with(key, value.unwrap_or_default())
    }

    /// The page of a list at the cursor, or the first page.
    #[must_use]
    pub fn page(self, cursor: Option<&str>) -> Self {
        let rows = if cursor.is_some() { ROWS } else { first_rows() };
        self.with_some("cursor", cursor).with("limit", &rows.to_string())
    }

    /// The path with the query after it.
    pub fn on(&self, path: &str) -> String {
        [path, &self.0].concat()
    }
}

/// The rows in each page of a list but the first: two blocks (`BLOCK_ROWS` in src/load.rs).
const ROWS: u32 = 26;

/// How many rows fill the screen, or a few more. The first page has no more, so that it arrives sooner; the next one
/// follows by itself. `public/boot.js` requests the same number.
fn first_rows() -> u32 {
    let FirstRows { above, row, card, narrow, least, most } = FIRST_ROWS;
    let pixels = |length: Result<JsValue, JsValue>| length.ok().and_then(|length| length.as_f64()).unwrap_or_default();
    let window = window();
    let row = if pixels(window.inner_width()) < f64::from(narrow) { card } else { row };
    let rows = (pixels(window.inner_height()) - f64::from(above)) / f64::from(row);
    rows.ceil().clamp(f64::from(least), f64::from(most)) as u32
}

/// The filters with which the overview links to what it counts: what a code's placement on some lock is like, and which app
/// residents have. The names are those of the API.
pub const COUNTED: [&str; 8] = ["on_lock", "hub", "reason", "reachable", "worst", "app", "tenancy", "door"];

/// One parameter of the address: a signal that can be set.
///
/// Setting replaces the history entry, so that *back* leaves the page instead of undoing keystrokes.
#[derive(Clone, Copy)]
pub struct QueryParam {
    key: &'static str,
    value: Memo<String>,
    set: Callback<(&'static str, String)>,
}

impl QueryParam {
    /// The value; empty when absent.
    pub fn get(&self) -> String {
        self.value.get()
    }

    /// The value, without tracking it.
    pub fn get_untracked(&self) -> String {
        self.value.get_untracked()
    }

    /// The value as a signal, for fields and requests.
    pub fn signal(&self) -> Signal<String> {
        self.value.into()
    }

    /// Sets the value; an empty one removes the parameter.
    pub fn set(&self, value: impl Into<String>) {
        self.set.run((self.key, value.into()));
    }
}

/// The parameters of a page, to make [`QueryParam`]s of.
#[derive(Clone, Copy)]
pub struct QueryParams {
    map: leptos::prelude::Memo<leptos_router::params::ParamsMap>,
    set: Callback<(&'static str, String)>,
    clear: Callback<()>,
}

/// The parameters of the current address. Call it in a component's body.
pub fn use_query_params() -> QueryParams {
    let location = use_location();
    let (map, path) = (location.params, location.path);
    let replace = move |to: &str| location.go(to, Navigation::ReplaceKeepingScroll);
    QueryParams {
        map,
        set: Callback::new(move |(key, value): (&'static str, String)| {
            let mut changed = map.get_untracked();
            changed.remove(key);
            if !value.is_empty() {
                changed.insert(key, value);
            }
            replace(&[path.get_untracked(), changed.to_query_string()].concat());
        }),
        clear: Callback::new(move |()| replace(&path.get_untracked())),
    }
}

impl QueryParams {
    /// The parameter of that name.
    pub fn param(&self, key: &'static str) -> QueryParam {
        let map = self.map;
        QueryParam {
            key,
            value: memo(move || map.with(|map| map.get_str(key).unwrap_or_default().to_owned())),
            set: self.set,
        }
    }

    /// The parameters among [`COUNTED`], as a query for a request.
    pub fn counted(&self) -> Memo<Query> {
        let map = self.map;
        memo(move || {
            map.with(|map| COUNTED.iter().fold(Query::new(), |query, key| query.with_some(key, map.get_str(key))))
        })
    }

    /// Whether any of these is set: is an empty list *no results* or *first run*?
    pub fn any(&self, keys: &'static [&'static str]) -> Signal<bool> {
        let map = self.map;
        derived(move || map.with(|map| keys.iter().any(|key| map.get_str(key).is_some_and(|value| !value.is_empty()))))
    }

    /// Removes every parameter: *Clear filters*.
    pub fn clear(&self) {
        self.clear.run(());
    }
}
