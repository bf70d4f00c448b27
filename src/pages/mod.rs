//! Pages: a file or folder per screen, named as its path. [`page`] is where a route becomes a view.

pub mod home;
pub mod not_found;
pub mod sign_in;

use leptos::prelude::*;

use crate::routes::Route;

pub use not_found::{ForbiddenPage, NotFoundPage};

/// The page of a route. Whether the person may open it has been decided already.
pub fn page(route: Route) -> AnyView {
    match route {
        Route::SignIn => view! { <sign_in::SignInPage /> }.into_any(),
        Route::Home => view! { <home::HomePage /> }.into_any(),
        Route::Properties
        | Route::Property(_)
        | Route::Residents(_)
        | Route::Resident { .. }
        | Route::GuestCodes(_)
        | Route::GuestCodeNew(_)
        | Route::Doors(_)
        | Route::GuestCode(_)
        | Route::MyAccess
        | Route::MyGuestCodes
        | Route::MyGuestCodeNew
        | Route::Audit => view! { <NotFoundPage /> }.into_any(),
    }
}
