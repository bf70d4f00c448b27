//! Following what is read: the only places where a view changes after it was made.

use web_sys::Node;

use crate::{AnyView, dom, effect};

/// Text that is written only where it differs: a screen reader hears no change where there is none.
pub(crate) fn text(mut read: Box<dyn FnMut() -> String>) -> AnyView {
    let node = dom::text("");
    let view = AnyView(node.clone().into());
    let mut shown = String::new();
    effect::run_now(Box::new(move || {
        let now = read();
        if now != shown {
            node.set_data(&now);
            shown = now;
        }
    }));
    view
}

/// Nodes that are made anew. What belongs to the old ones (their effects, their clean-ups) goes with them.
pub(crate) fn nodes(mut read: Box<dyn FnMut() -> AnyView>) -> AnyView {
    let (view, place) = Place::new();
    effect::run_now(Box::new(move || {
        let now = read();
        place.clear();
        place.put(&now);
    }));
    view
}

/// A place among siblings, kept by a comment on either side.
pub(crate) struct Place {
    start: Node,
    end: Node,
}

impl Place {
    /// An empty one, and the view with it.
    pub(crate) fn new() -> (AnyView, Self) {
        let (fragment, start, end) = (dom::fragment(), dom::comment(), dom::comment());
        dom::append(&fragment, &start);
        dom::append(&fragment, &end);
        (AnyView(fragment.into()), Self { start: start.into(), end: end.into() })
    }

    /// Takes everything away.
    pub(crate) fn clear(&self) {
        dom::clear(&self.start, &self.end);
    }

    /// Puts something at its end.
    pub(crate) fn put(&self, view: &AnyView) {
        dom::put_before(&self.end, &view.0);
    }

    /// The comment after everything.
    pub(crate) fn end(&self) -> &Node {
        &self.end
    }
}
