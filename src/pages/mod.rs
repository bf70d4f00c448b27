//! Pages: a file or folder per screen, named after its path. [`page`] turns a route into a view.

pub mod audit;
pub mod check_code;
mod chunks;
pub mod doors;
#[cfg(debug_assertions)]
pub mod gallery;
pub mod guest_codes;
pub mod help;
pub mod home;
pub mod my_access;
pub mod not_found;
pub mod overview;
pub mod pass;
mod prefetch;
pub mod properties;
pub mod resident;
pub mod residents;
pub mod roster;
pub mod settings;
pub mod sign_in;
pub(crate) mod table;
pub mod tools;
pub mod troubleshoot;

use crate::prelude::*;

use crate::routes::Route;
use chunks::{chunk_of, open_event, page_at_once};

pub use not_found::{ForbiddenPage, NotFoundPage};
pub use prefetch::look_ahead;

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

/// Starts to download the code of a page.
pub fn preload(route: Route) {
    if let Some(chunk) = chunk_of(route) {
        chunk.preload();
    }
}
