//! What a view shows when it has nothing to show yet, or nothing at all.

use crate::prelude::*;

use super::{Icon, IconView};

/// Grey lines in the shape of text that is coming. Invisible for the first 300 ms, so that fast answers don't flicker.
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

/// A card of grey rows in the shape of a table that is coming; keeps the final layout from the start.
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

/// Nothing to show: why, and what to do about it.
#[component]
pub fn EmptyState(
    /// A sign.
    #[prop(default = Icon::Info)]
    icon: Icon,
    /// What is so: `No guest codes yet`.
    title: &'static str,
    /// A sentence about it, and perhaps a button.
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

/// A box with something the reader should know: a fact, not an error.
#[component]
pub fn Notice(
    /// A sign.
    #[prop(default = Icon::Info)]
    icon: Icon,
    /// The sentences.
    children: Children,
) -> impl IntoView {
    view! { <div class="notice"><IconView icon /><div>{children()}</div></div> }
}
