//! The main pages, shared by the navigation, the command palette and the keyboard shortcuts.

use api_types::Role;
use ids::PropertyId;

use crate::{locale as t, routes::Route, ui::Icon};

/// One main page.
pub struct Place {
    /// Its address.
    pub route: Route,
    /// Its name.
    pub label: &'static str,
    /// Shown before the name.
    pub icon: Icon,
    /// The key that leads there, pressed after `g`.
    pub key: &'static str,
}

/// The main pages of a person with these roles; `property` is the one that the navigation is about.
pub fn places(roles: &[Role], property: Option<PropertyId>) -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |key, route, label, icon| places.push(Place { route, label, icon, key });
    if roles.contains(&Role::Resident) {
        add("m", Route::MyAccess, t::shell::titles::my_access(), Icon::Key);
        add("g", Route::MyGuestCodes, t::shell::guests(), Icon::Ticket);
        add("c", Route::CheckCode, t::shell::titles::check_code(), Icon::Shield);
    }
    if let Some(property) = property {
        if roles.contains(&Role::Manager) {
            add("o", Route::Property(property), t::shell::titles::overview(), Icon::House);
            add("r", Route::Residents(property), t::shell::titles::residents(), Icon::Users);
            add("g", Route::GuestCodes(property), t::shell::titles::guest_codes(), Icon::Ticket);
            add("d", Route::Doors(property), t::shell::titles::doors(), Icon::Door);
        } else if roles.contains(&Role::Support) {
            add("o", Route::Property(property), t::shell::titles::overview(), Icon::House);
        } else if roles.contains(&Role::Administrator) {
            add("o", Route::Property(property), t::shell::titles::overview(), Icon::House);
            add("d", Route::Doors(property), t::shell::titles::doors(), Icon::Door);
        }
    }
    if roles.contains(&Role::Administrator) {
        add("p", Route::People, t::shell::titles::people(), Icon::Users);
    }
    if roles.contains(&Role::Support) {
        add("a", Route::Audit, t::shell::titles::audit_log(), Icon::Log);
        add("t", Route::Troubleshoot, t::shell::titles::troubleshoot(), Icon::Wrench);
    } else if roles.contains(&Role::Manager) {
        add("a", Route::Audit, t::shell::titles::activity(), Icon::Log);
    }
    places
}
