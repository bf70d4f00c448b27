//! Pages: a file or folder per screen, named after its path. [`page`] turns a route into a view.

pub mod audit;
pub mod by_link;
pub mod check_code;
mod chunks;
pub mod door;
pub mod doors;
#[cfg(debug_assertions)]
pub mod gallery;
pub mod guest_codes;
pub mod help;
pub mod home;
pub mod hubs;
pub mod invitations;
pub mod layout_parts;
pub mod my_access;
pub mod not_found;
pub mod overview;
pub mod pass;
pub mod passkey;
pub mod passkeys;
mod prefetch;
pub mod properties;
pub mod resident;
pub mod residents;
pub mod roster;
pub mod setting_up;
pub mod settings;
pub mod sign_in;
pub(crate) mod table;
pub mod tools;
pub mod troubleshoot;

use crate::prelude::*;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::{routes::Route, session::was_signed_in};
use chunks::{chunk_of, open_event, page_at_once};

pub use not_found::{ForbiddenPage, NotFoundPage};
pub use passkey::passkey_button;
pub use prefetch::prefetch_links;

/// The page of a route. Whether the person may open it has already been checked.
pub fn page(route: Route) -> AnyView {
    match chunk_of(route) {
        Some(chunk) => chunk.show(route),
        None => page_at_once(route),
    }
}

/// The tool that is open over the page, if any.
pub fn open_tool() -> AnyView {
    chunks::open_tool()
}

#[wasm_bindgen]
extern "C" {
    /// From `public/boot.js`: whether the code of the page that was asked for has arrived. An error in development, where the
    /// script loads no code.
    #[wasm_bindgen(catch, js_name = latchkeyIsHere)]
    fn is_here() -> Result<bool, JsValue>;
}

/// Starts the code of the page that is shown first, where it is known that it will be: to people who were signed in, and to
/// guests. Where the code still has to arrive, nothing waits for it: the page's frame is shown first.
pub async fn load_first() {
    let path = window().location().pathname().unwrap_or_default();
    let route = Route::parse(&path).filter(|route| was_signed_in() || route.is_by_link());
    if let Some(chunk) = route.and_then(chunk_of) {
        if is_here().unwrap_or(false) {
            chunk.load_if_possible().await;
        } else {
            chunk.preload();
        }
    }
}
