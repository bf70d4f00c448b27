//! Leptos's `view!` syntax, compiled to less code.
//!
//! Leptos gives every view a type of its own, so every closure, element and attribute adds code for creating, updating,
//! mounting and erasing it. At the size of this console that was two thirds of its wasm (`docs/performance.md`). Here a
//! view is just DOM nodes, created at once: what may change is a closure (or a signal), run by an effect in Leptos's
//! reactive graph, and each kind of change is compiled once. Components, signals, owners, contexts and the router are
//! Leptos's own.
//!
//! What differs for authors of views: a closure that returns *elements* replaces them when something it reads has
//! changed (so read a [`leptos::prelude::Memo`] if that is often); text, attributes, [`Show`] and [`For`] keep their
//! elements.
//!
//! Built with `--cfg erase_components` it is empty: Leptos's `#[component]` then makes views of Leptos's own kind, and the
//! program that is built so (the console with the feature `leptos-views`) uses none of these.
#![expect(unexpected_cfgs, reason = "a switch of Leptos's, which only a command line sets")]
#![cfg(not(erase_components))]

mod attribute;
mod children;
mod dom;
mod effect;
mod follow;
pub mod keyed;
mod parent;
pub mod show;
mod view;

pub use attribute::IntoAttribute;
pub use children::{Children, ChildrenFn, ToChildren, ViewFn};
pub use keyed::{For, ForProps};
pub use lean_view_macro::view;
pub use parent::Parent;
pub use show::{Show, ShowProps};
pub use view::{AnyView, CollectView, IntoAny, IntoView, mount_to, mount_to_body};
