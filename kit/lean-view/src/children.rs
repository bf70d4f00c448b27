//! Views that are passed to components.

use std::sync::Arc;

use crate::{AnyView, IntoView};

/// Shown once.
pub type Children = Box<dyn FnOnce() -> AnyView>;

/// Shown as often as needed.
pub type ChildrenFn = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// The content between a component's tags, as the type that the component expects.
pub trait ToChildren<F> {
    /// Wraps it.
    fn to_children(children: F) -> Self;
}

impl<F: FnOnce() -> AnyView + 'static> ToChildren<F> for Children {
    fn to_children(children: F) -> Self {
        Box::new(children)
    }
}

impl<F: Fn() -> AnyView + Send + Sync + 'static> ToChildren<F> for ChildrenFn {
    fn to_children(children: F) -> Self {
        Arc::new(children)
    }
}

/// A view passed as a property, `fallback=|| view! { … }`; nothing by default.
#[derive(Clone)]
pub struct ViewFn(ChildrenFn);

impl ViewFn {
    /// Creates the view.
    pub fn run(&self) -> AnyView {
        (self.0)()
    }
}

impl Default for ViewFn {
    fn default() -> Self {
        Self(Arc::new(AnyView::empty))
    }
}

impl<V: IntoView, F: Fn() -> V + Send + Sync + 'static> From<F> for ViewFn {
    fn from(view: F) -> Self {
        Self(Arc::new(move || view().into_view()))
    }
}
