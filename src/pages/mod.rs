//! Pages: a file or folder per screen, named as its path. [`page`] is where a route becomes a view.

pub mod audit;
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
use guest_codes::Whose;

pub use not_found::{ForbiddenPage, NotFoundPage};

/// The page of a route. Whether the person may open it has been decided already.
pub fn page(route: Route) -> View {
    match route {
        Route::SignIn => view! { <sign_in::SignInPage /> }.into_any(),
        Route::Home => view! { <home::HomePage /> }.into_any(),
        Route::Properties => view! { <properties::PropertiesPage /> }.into_any(),
        Route::Property(property) => view! { <overview::OverviewPage property /> }.into_any(),
        Route::Residents(property) => view! { <residents::ResidentsPage property /> }.into_any(),
        Route::Audit => view! { <audit::AuditPage /> }.into_any(),
        Route::GuestCodes(property) => guest_codes_page(Whose::Property(property)),
        Route::MyGuestCodes => guest_codes_page(Whose::Mine),
        Route::GuestCodeNew(property) => guest_code_new_page(Whose::Property(property)),
        Route::MyGuestCodeNew => guest_code_new_page(Whose::Mine),
        Route::GuestCode(id) => view! { <guest_codes::GuestCodePage id /> }.into_any(),
        Route::MyAccess => view! { <my_access::MyAccessPage /> }.into_any(),
        Route::Resident { .. } | Route::Doors(_) => view! { <NotFoundPage /> }.into_any(),
    }
}

fn guest_codes_page(whose: Whose) -> View {
    view! { <guest_codes::GuestCodesPage whose /> }.into_any()
}

fn guest_code_new_page(whose: Whose) -> View {
    view! { <guest_codes::GuestCodeNewPage whose /> }.into_any()
}
