//! One view or another.

use leptos::prelude::{Get, Memo, component};

use crate::{ChildrenFn, View, ViewFn, follow};

/// What decides, boxed so that it is compiled once.
type Condition = Box<dyn Fn(Option<&bool>) -> bool + Send + Sync>;

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
    show(Box::new(move |_| when()), children, fallback)
}

fn show(when: Condition, children: ChildrenFn, fallback: ViewFn) -> View {
    // Only a change of the answer makes anything anew.
    let when = Memo::new(when);
    follow::nodes(Box::new(move || if when.get() { children() } else { fallback.run() }))
}
