//! The header of every page, and cards.

use crate::prelude::*;

/// A page's header: its name, a line of facts, and actions.
#[component]
pub fn PageHeader(
    /// The page's name.
    #[prop(into)]
    title: Signal<String>,
    /// A line of facts under it: always the property's time zone where the page shows times.
    #[prop(optional, into)]
    facts: Option<ViewFn>,
    /// Buttons and links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div>
                <h1>{move || title.get()}</h1>
                {facts.map(|facts| view! { <p class="page-facts">{move || facts.run()}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// A card with a heading.
#[component]
pub fn Card(
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Content beside the heading, at the end of the line.
    #[prop(optional, into)]
    aside: Option<ViewFn>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card">
            <div class="card-head">
                <h2>{move || title.get()}</h2>
                {aside.map(|aside| view! { <div class="card-aside">{aside.run()}</div> })}
            </div>
            {children()}
        </section>
    }
}
