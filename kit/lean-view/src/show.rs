//! One view or another.

use leptos::prelude::{Get, Memo, component};

use crate::{AnyView, ChildrenFn, ViewFn, follow};

/// Shows its children while `when` holds, else `fallback`. Either is created when it is first shown, and dropped when
/// it no longer is.
#[component]
pub fn Show<W: Fn() -> bool + Send + Sync + 'static>(
    /// What to show.
    children: ChildrenFn,
    /// Whether to show it.
    when: W,
    /// What to show otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> AnyView {
    // Only a change of the result replaces anything.
    show(Memo::new(move |_| when()), children, fallback)
}

fn show(when: Memo<bool>, children: ChildrenFn, fallback: ViewFn) -> AnyView {
    follow::nodes(Box::new(move || if when.get() { children() } else { fallback.run() }))
}
