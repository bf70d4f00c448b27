//! Pages: a file or folder per screen, named as its path. [`page`] is where a route becomes a view.

pub mod audit;
pub mod home;
pub mod not_found;
pub mod overview;
pub mod properties;
pub mod residents;
pub mod sign_in;

use leptos::prelude::*;

use crate::routes::Route;

pub use not_found::{ForbiddenPage, NotFoundPage};

/// The page of a route. Whether the person may open it has been decided already.
pub fn page(route: Route) -> AnyView {
    match route {
        Route::SignIn => view! { <sign_in::SignInPage /> }.into_any(),
        Route::Home => view! { <home::HomePage /> }.into_any(),
        Route::Properties => view! { <properties::PropertiesPage /> }.into_any(),
        Route::Property(property) => view! { <overview::OverviewPage property /> }.into_any(),
        Route::Residents(property) => view! { <residents::ResidentsPage property /> }.into_any(),
        Route::Audit => view! { <audit::AuditPage /> }.into_any(),
        Route::Resident { .. }
        | Route::GuestCodes(_)
        | Route::GuestCodeNew(_)
        | Route::Doors(_)
        | Route::GuestCode(_)
        | Route::MyAccess
        | Route::MyGuestCodes
        | Route::MyGuestCodeNew => view! { <NotFoundPage /> }.into_any(),
    }
}
