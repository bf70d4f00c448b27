//! Views, and the types that can be views.

use leptos::{mount::UnmountHandle, tachys::view::Render};
use web_sys::{HtmlElement, Node};

use crate::{
    Parent,
    dom::{self, Within},
    follow,
};

/// Nodes that aren't in the page yet: one, or a fragment of several.
#[derive(Debug)]
pub struct AnyView(pub(crate) Node);

impl AnyView {
    /// Nothing.
    pub fn empty() -> Self {
        Self(dom::fragment().into())
    }

    /// Text.
    pub fn text(text: &str) -> Self {
        Self(dom::text(text).into())
    }

    /// HTML for the browser to parse. Only for literals in `view!`, since nothing is escaped here.
    #[doc(hidden)]
    pub fn markup(markup: &'static str) -> Self {
        Self(dom::markup(markup, Within::Html))
    }

    /// Likewise, the content of an `<svg>`.
    #[doc(hidden)]
    pub fn svg_markup(markup: &'static str) -> Self {
        Self(dom::markup(markup, Within::Svg))
    }
}

/// A type that can be part of a view.
pub trait IntoView: Sized + 'static {
    /// Its nodes.
    fn into_view(self) -> AnyView;

    /// A view of the result of `read`, updated when something that it read has changed.
    fn follow(mut read: Box<dyn FnMut() -> Self>) -> AnyView {
        follow::nodes(Box::new(move || read().into_view()))
    }
}

/// Gives the arms of a `match` one type. Here every view has the same type anyway; Leptos needs the call.
pub trait IntoAny {
    /// Its nodes.
    fn into_any(self) -> AnyView;
}

impl<V: IntoView> IntoAny for V {
    fn into_any(self) -> AnyView {
        self.into_view()
    }
}

impl IntoView for AnyView {
    fn into_view(self) -> AnyView {
        self
    }

    fn follow(read: Box<dyn FnMut() -> Self>) -> AnyView {
        follow::nodes(read)
    }
}

impl IntoView for Parent {
    fn into_view(self) -> AnyView {
        self.finish()
    }
}

impl IntoView for () {
    fn into_view(self) -> AnyView {
        AnyView::empty()
    }
}

impl IntoView for &'static str {
    fn into_view(self) -> AnyView {
        AnyView::text(self)
    }

    fn follow(mut read: Box<dyn FnMut() -> Self>) -> AnyView {
        follow::text(Box::new(move || read().to_owned()))
    }
}

impl IntoView for String {
    fn into_view(self) -> AnyView {
        AnyView::text(&self)
    }

    fn follow(read: Box<dyn FnMut() -> Self>) -> AnyView {
        follow::text(read)
    }
}

impl IntoView for u32 {
    fn into_view(self) -> AnyView {
        self.to_string().into_view()
    }
}

impl<V: IntoView> IntoView for Option<V> {
    fn into_view(self) -> AnyView {
        self.map_or_else(AnyView::empty, V::into_view)
    }
}

impl<V: IntoView> IntoView for Vec<V> {
    fn into_view(self) -> AnyView {
        self.collect_view()
    }
}

impl<V: IntoView, F: FnMut() -> V + 'static> IntoView for F {
    fn into_view(self) -> AnyView {
        V::follow(Box::new(self))
    }
}

/// Several views, one after the other.
pub trait CollectView {
    /// Combines them into one.
    fn collect_view(self) -> AnyView;
}

impl<V: IntoView, I: IntoIterator<Item = V>> CollectView for I {
    fn collect_view(self) -> AnyView {
        self.into_iter().fold(Parent::fragment(), Parent::child).finish()
    }
}

/// Shows `view` at the end of an element until the returned handle is dropped, as in Leptos.
#[must_use = "dropping it disposes of the view"]
pub fn mount_to<V: IntoView>(
    parent: HtmlElement,
    view: impl FnOnce() -> V + 'static,
) -> UnmountHandle<<() as Render>::State> {
    let place = parent.clone();
    // Leptos sets up what effects and contexts need, and mounts an empty view of its own kind.
    leptos::mount::mount_to(parent, move || dom::append(&place, &view().into_view().0))
}

/// Shows `view` at the end of the page's body for good, as in Leptos.
pub fn mount_to_body<V: IntoView>(view: impl FnOnce() -> V + 'static) {
    if let Some(body) = dom::document().body() {
        mount_to(body, view).forget();
    }
}
