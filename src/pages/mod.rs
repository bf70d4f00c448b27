//! Pages: a file or folder per screen, named as its path. [`page`] is where a route becomes a view.

mod ahead;
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
pub mod properties;
pub mod resident;
pub mod residents;
pub mod roster;
pub mod settings;
pub mod sign_in;
pub mod tools;
pub mod troubleshoot;

use crate::prelude::*;

use crate::routes::Route;
use chunks::Chunk;

pub use ahead::look_ahead;
pub use not_found::{ForbiddenPage, NotFoundPage};

/// The page of a route. Whether the person may open it has been decided already.
pub fn page(route: Route) -> AnyView {
    match chunk_of(route) {
        Some(chunk) => chunk.show(route),
        None if route == Route::SignIn => view! { <sign_in::SignInPage /> }.into_any(),
        None => view! { <home::HomePage /> }.into_any(),
    }
}

/// What can be laid over any page, where it is open.
pub fn open_tool() -> AnyView {
    Chunk::Tools.show(Route::Home)
}

/// What the log's dialog says of the event that the address names.
fn open_event() -> AnyView {
    Chunk::Event.show(Route::Audit)
}

/// Begins to download what the page needs.
pub fn preload(route: Route) {
    if let Some(chunk) = chunk_of(route) {
        chunk.preload();
    }
}

/// Where a page is; `None` if it is always there.
fn chunk_of(route: Route) -> Option<Chunk> {
    match route {
        Route::SignIn | Route::Home => None,
        Route::MyAccess => Some(Chunk::Resident),
        Route::MyGuestCodes | Route::GuestCodes(_) => Some(Chunk::Guests),
        Route::GuestCode(_) => Some(Chunk::Guest),
        Route::MyGuestCodeNew | Route::GuestCodeNew(_) => Some(Chunk::Issue),
        Route::Properties | Route::Property(_) => Some(Chunk::Manager),
        Route::Residents(_) => Some(Chunk::Residents),
        Route::Resident { .. } | Route::Roster(_) => Some(Chunk::Tenancy),
        Route::Doors(_) => Some(Chunk::Doors),
        Route::Audit => Some(Chunk::Audit),
        Route::Troubleshoot => Some(Chunk::Troubleshoot),
        Route::CheckCode | Route::Help | Route::Settings => Some(Chunk::Advice),
        Route::Pass => Some(Chunk::Pass),
    }
}
