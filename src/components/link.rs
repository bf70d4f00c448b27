//! Links within the console.

use crate::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{query::Query, routes::Route};

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
pub struct Navigate(Callback<(String, bool)>);

impl Navigate {
    /// Goes to a page; *back* returns here.
    pub fn to(&self, route: Route) {
        self.0.run((route.path(), false));
    }

    /// Goes to an address (path and query); *back* returns here.
    pub fn to_address(&self, address: String) {
        self.0.run((address, false));
    }

    /// Goes to an address in place of this one: *back* doesn't return here.
    pub fn replace(&self, address: String) {
        self.0.run((address, true));
    }
}

/// Goes to pages from code. Call it in a component's body.
pub fn use_go() -> Navigate {
    let navigate = LocalValue::new_local(use_navigate());
    Navigate(Callback::new(move |(address, replace): (String, bool)| {
        let options = NavigateOptions { replace, resolve: false, ..Default::default() };
        navigate.with_value(|navigate| navigate(&address, options));
    }))
}
