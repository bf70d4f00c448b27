//! Dynamic text and nodes: the only places where a view changes after its creation.

use web_sys::Node;

use crate::{AnyView, dom, effect};

/// Dynamic text, written only when it differs: a screen reader announces no change when there is none.
///
/// A page translator puts a `<font>` with its translation in the place of a text. What was written to the old text
/// from then on would be seen by nobody, so a comment marks the place, and the next change takes it back.
pub(crate) fn text(mut read: Box<dyn FnMut() -> String>) -> AnyView {
    let (view, node, mark) = (dom::fragment(), dom::text(""), dom::comment());
    dom::append(&view, &node);
    dom::append(&view, &mark);
    let mut shown = String::new();
    effect::run_now(Box::new(move || {
        let now = read();
        if now != shown {
            node.set_data(&now);
            dom::take_back(&node, &mark);
            shown = now;
        }
    }));
    AnyView(view.into())
}

/// Dynamic nodes, replaced at each change. The effects and clean-ups of the old nodes go with them.
pub(crate) fn nodes(mut read: Box<dyn FnMut() -> AnyView>) -> AnyView {
    let (view, place) = Place::new();
    effect::run_now(Box::new(move || {
        let now = read();
        place.clear();
        place.put(&now);
    }));
    view
}

/// A place among siblings, marked by a comment on either side.
pub(crate) struct Place {
    start: Node,
    end: Node,
}

impl Place {
    /// An empty place, and the view that contains it.
    pub(crate) fn new() -> (AnyView, Self) {
        let (fragment, start, end) = (dom::fragment(), dom::comment(), dom::comment());
        dom::append(&fragment, &start);
        dom::append(&fragment, &end);
        (AnyView(fragment.into()), Self { start: start.into(), end: end.into() })
    }

    /// Removes everything.
    pub(crate) fn clear(&self) {
        dom::clear(&self.start, &self.end);
    }

    /// Appends a view.
    pub(crate) fn put(&self, view: &AnyView) {
        dom::put_before(&self.end, &view.0);
    }

    /// The comment after everything.
    pub(crate) fn end(&self) -> &Node {
        &self.end
    }
}
