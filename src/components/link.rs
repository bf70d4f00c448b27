//! Links within the console.

use crate::prelude::*;

use crate::{
    location::{Navigation, use_location},
    query::Query,
    routes::Route,
};

/// A link to a page of the console.
#[component]
pub fn Link(
    /// The page.
    to: Route,
    /// With these filters.
    #[prop(optional)]
    query: Query,
    /// Its class; `ButtonKind::Primary.class()` for a link that looks like a button.
    #[prop(optional, into)]
    class: Option<&'static str>,
    /// Its text.
    children: Children,
) -> impl IntoView {
    view! { <a href=query.on(&to.path()) class=class>{children()}</a> }
}

/// Navigates from code. Copy it freely.
#[derive(Clone, Copy)]
pub struct Navigate(crate::location::Location);

impl Navigate {
    /// Navigates to a page; *back* returns here.
    pub fn to(&self, route: Route) {
        self.to_address(&route.path());
    }

    /// Navigates to an address (path and query); *back* returns here.
    pub fn to_address(&self, address: &str) {
        self.0.go(address, Navigation::Push);
    }

    /// Replaces this address with another: *back* doesn't return here.
    pub fn replace(&self, address: &str) {
        self.0.go(address, Navigation::Replace);
    }
}

/// Navigation from code. Call it in a component's body.
pub fn use_go() -> Navigate {
    Navigate(use_location())
}
