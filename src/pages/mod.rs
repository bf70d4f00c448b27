//! Pages: a file or folder per screen, named as its path. [`page`] is where a route becomes a view.

pub mod audit;
mod chunks;
pub mod guest_codes;
pub mod home;
pub mod my_access;
pub mod not_found;
pub mod overview;
pub mod properties;
pub mod residents;
pub mod sign_in;

use crate::prelude::*;

use crate::routes::Route;
use chunks::Chunk;

pub use not_found::{ForbiddenPage, NotFoundPage};

/// The page of a route. Whether the person may open it has been decided already.
pub fn page(route: Route) -> View {
    match chunk_of(route) {
        Some(chunk) => chunk.show(route),
        None if route == Route::SignIn => view! { <sign_in::SignInPage /> }.into_any(),
        None => view! { <home::HomePage /> }.into_any(),
    }
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
        Route::MyGuestCodes | Route::GuestCodes(_) | Route::GuestCode(_) => Some(Chunk::Guests),
        Route::MyGuestCodeNew | Route::GuestCodeNew(_) => Some(Chunk::Issue),
        Route::Properties | Route::Property(_) | Route::Residents(_) | Route::Resident { .. } | Route::Doors(_) => {
            Some(Chunk::Manager)
        }
        Route::Audit => Some(Chunk::Support),
    }
}
