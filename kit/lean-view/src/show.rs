//! One view or another.

use leptos::prelude::component;

use crate::{ChildrenFn, Memo, View, ViewFn, follow, memo};

/// Shows its children while `when` holds, else `fallback`. Either is made when it begins to be shown, and dropped when
/// it no longer is.
#[component]
pub fn Show<W: Fn() -> bool + Send + Sync + 'static>(
    /// What to show.
    children: ChildrenFn,
    /// Whether to.
    when: W,
    /// What to show otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> View {
    // Only a change of the answer makes anything anew.
    show(memo(when), children, fallback)
}

fn show(when: Memo<bool>, children: ChildrenFn, fallback: ViewFn) -> View {
    follow::nodes(Box::new(move || if when.get() { children() } else { fallback.run() }))
}
