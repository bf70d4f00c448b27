//! Links within the console.

use crate::prelude::*;

use crate::{
    location::{Going, use_location},
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
    /// How it looks; `ButtonKind::Primary.class()` for a link that looks like a button.
    #[prop(optional, into)]
    class: Option<&'static str>,
    /// What it leads to.
    children: Children,
) -> impl IntoView {
    view! { <a href=query.on(&to.path()) class=class>{children()}</a> }
}

/// Goes to pages from code. Copy it freely.
#[derive(Clone, Copy)]
pub struct Navigate(crate::location::Location);

impl Navigate {
    /// Goes to a page; *back* returns here.
    pub fn to(&self, route: Route) {
        self.to_address(&route.path());
    }

    /// Goes to an address (path and query); *back* returns here.
    pub fn to_address(&self, address: &str) {
        self.0.go(address, Going::Onward);
    }

    /// Goes to an address in place of this one: *back* doesn't return here.
    pub fn replace(&self, address: &str) {
        self.0.go(address, Going::Instead);
    }
}

/// Goes to pages from code. Call it in a component's body.
pub fn use_go() -> Navigate {
    Navigate(use_location())
}
