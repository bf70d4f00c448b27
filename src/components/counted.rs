//! Numbers of the overview, and the lists of what they count.

use crate::prelude::*;
use api_types::Role;

use super::Link;
use crate::{
    query::{Query, use_query_params},
    routes::Route,
    session::use_session,
};

/// A number that leads to the list of exactly what it counts; plain for those who may not see that list.
#[component]
pub fn Counted(
    /// The list.
    to: Route,
    /// Its filters.
    #[prop(optional)]
    query: Query,
    /// The number, in words.
    words: String,
) -> impl IntoView {
    if use_session().is(Role::Manager) {
        view! { <Link to query>{words}</Link> }.into_any()
    } else {
        view! { <span>{words}</span> }.into_any()
    }
}

/// Says that a list shows only what a number of the overview counts, if that is so. *Clear filters* shows the others.
#[component]
pub fn OnlyCounted() -> impl IntoView {
    let counted = use_query_params().any(&["on_lock", "hub", "reason", "reachable", "worst", "app"]);
    view! {
        <Show when=move || counted.get()>
            <span class="small second">{t::overview::only_counted()}</span>
        </Show>
    }
}
