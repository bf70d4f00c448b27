//! What a view is, and what can be one.

use web_sys::Node;

use crate::{Parent, dom, follow};

/// Nodes that aren't in the page yet: one, or a fragment of several.
#[derive(Debug)]
pub struct View(pub(crate) Node);

impl View {
    /// Nothing.
    pub fn empty() -> Self {
        Self(dom::fragment().into())
    }

    /// Text.
    pub fn text(text: &str) -> Self {
        Self(dom::text(text).into())
    }

    /// HTML that the browser parses. For literals of `view!` only: nothing is escaped here.
    #[doc(hidden)]
    pub fn markup(markup: &'static str) -> Self {
        Self(dom::markup(markup))
    }

    /// The same nodes once more, without what follows or listens.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(dom::copy(&self.0))
    }

    /// Puts it at the end of an element of the page.
    pub fn mount(self, parent: &web_sys::Element) {
        dom::append(parent, &self.0);
    }
}

/// What can stand in a view.
pub trait IntoView: Sized + 'static {
    /// Its nodes.
    fn into_view(self) -> View;

    /// Its nodes; where Leptos needs one type for the arms of a `match`.
    fn into_any(self) -> View {
        self.into_view()
    }

    /// A view of what `read` gives, which follows it when something that it read has changed.
    fn follow(mut read: Box<dyn FnMut() -> Self>) -> View {
        follow::nodes(Box::new(move || read().into_view()))
    }
}

impl IntoView for View {
    fn into_view(self) -> View {
        self
    }

    fn follow(read: Box<dyn FnMut() -> Self>) -> View {
        follow::nodes(read)
    }
}

impl IntoView for Parent {
    fn into_view(self) -> View {
        self.finish()
    }
}

impl IntoView for () {
    fn into_view(self) -> View {
        View::empty()
    }
}

impl IntoView for &'static str {
    fn into_view(self) -> View {
        View::text(self)
    }

    fn follow(mut read: Box<dyn FnMut() -> Self>) -> View {
        follow::text(Box::new(move || read().to_owned()))
    }
}

impl IntoView for String {
    fn into_view(self) -> View {
        View::text(&self)
    }

    fn follow(read: Box<dyn FnMut() -> Self>) -> View {
        follow::text(read)
    }
}

impl IntoView for u32 {
    fn into_view(self) -> View {
        self.to_string().into_view()
    }
}

impl<V: IntoView> IntoView for Option<V> {
    fn into_view(self) -> View {
        self.map_or_else(View::empty, V::into_view)
    }
}

impl<V: IntoView> IntoView for Vec<V> {
    fn into_view(self) -> View {
        self.collect_view()
    }
}

impl<V: IntoView, F: FnMut() -> V + 'static> IntoView for F {
    fn into_view(self) -> View {
        V::follow(Box::new(self))
    }
}

/// Several views, one after the other.
pub trait CollectView {
    /// Makes them one.
    fn collect_view(self) -> View;
}

impl<V: IntoView, I: IntoIterator<Item = V>> CollectView for I {
    fn collect_view(self) -> View {
        self.into_iter().fold(Parent::fragment(), Parent::child).finish()
    }
}
