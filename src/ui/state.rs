//! What a view shows while it is loading, or when it is empty.

use crate::prelude::*;

use super::{Icon, IconView};

/// Grey lines in place of text that is loading. Invisible for the first 300 ms, so that fast answers don't flicker.
#[component]
pub fn SkeletonLines(
    /// How many.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton-lines late" aria-hidden="true">
            {(0..lines).map(|_| view! { <span class="skeleton"></span> }).collect_view()}
        </div>
    }
}

/// A card of grey rows in place of a table that is loading, with the final layout.
#[component]
pub fn SkeletonTable(
    /// How many rows.
    #[prop(default = 8)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="card skeleton-table" aria-hidden="true">
            {(0..=rows).map(|_| view! { <div class="skeleton-row late"><span class="skeleton"></span><span class="skeleton"></span><span class="skeleton"></span></div> }).collect_view()}
        </div>
    }
}

/// An empty view: why it is empty, and what to do about it.
#[component]
pub fn EmptyState(
    /// Its icon.
    #[prop(default = Icon::Info)]
    icon: Icon,
    /// The heading: `No guest codes yet`.
    title: &'static str,
    /// A sentence, and perhaps a button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <IconView icon />
            <h2>{title}</h2>
            <div class="empty-state-body">{children()}</div>
        </div>
    }
}

/// A box with a fact that the reader should know; not an error.
#[component]
pub fn Notice(
    /// Its icon.
    #[prop(default = Icon::Info)]
    icon: Icon,
    /// The sentences.
    children: Children,
) -> impl IntoView {
    view! { <div class="notice"><IconView icon /><div>{children()}</div></div> }
}
