//! Pages: a file or folder per screen, named as its path. [`page`] is where a route becomes a view.

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

pub use prefetch::look_ahead;
pub use not_found::{ForbiddenPage, NotFoundPage};

/// The page of a route. Whether the person may open it has been decided already.
pub fn page(route: Route) -> AnyView {
    match chunk_of(route) {
        Some(chunk) => chunk.show(route),
        None => page_at_once(route),
    }
}

/// What can be laid over any page, where it is open.
pub fn open_tool() -> AnyView {
    chunks::open_tool()
}

/// Begins to download what the page needs.
pub fn preload(route: Route) {
    if let Some(chunk) = chunk_of(route) {
        chunk.preload();
    }
}
