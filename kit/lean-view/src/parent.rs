//! Building an element or a fragment.

use leptos::{ev::EventDescriptor, html::ElementType, prelude::NodeRef, tachys::html::node_ref::NodeRefContainer};
use web_sys::{
    Element, Event, Node,
    wasm_bindgen::{JsCast, closure::Closure},
};

use crate::{AnyView, IntoAttribute, IntoView, attribute::IntoProperty, dom};

/// An element or fragment that is being built. `view!` expands to calls of it.
#[derive(Debug)]
pub struct Parent(Node);

impl Parent {
    /// An HTML element.
    pub fn html(name: &str) -> Self {
        Self(dom::html(name).into())
    }

    /// An SVG element.
    pub fn svg(name: &str) -> Self {
        Self(dom::svg(name).into())
    }

    /// Several nodes without an element around them.
    pub fn fragment() -> Self {
        Self(dom::fragment().into())
    }

    fn element(&self) -> &Element {
        self.0.unchecked_ref()
    }

    /// `name="value"`
    #[inline(never)]
    #[must_use]
    pub fn fixed(self, name: &str, value: &str) -> Self {
        let _ = self.element().set_attribute(name, value);
        self
    }

    /// `name=value`
    #[must_use]
    pub fn attr(self, name: &'static str, value: impl IntoAttribute) -> Self {
        value.put(self.element(), name);
        self
    }

    /// `class:name=on`
    #[must_use]
    pub fn class(self, name: &'static str, on: impl IntoProperty<bool>) -> Self {
        let element = self.element().clone();
        on.put(Box::new(move |on| {
            let _ = element.class_list().toggle_with_force(name, on);
        }));
        self
    }

    /// `prop:name=value`
    #[must_use]
    pub fn prop<T: Into<web_sys::wasm_bindgen::JsValue> + 'static>(
        self,
        name: &'static str,
        value: impl IntoProperty<T>,
    ) -> Self {
        let element = self.element().clone();
        value.put(Box::new(move |value| {
            // Fails only for read-only properties, which aren't written.
            let _ = js_sys::Reflect::set(&element, &name.into(), &value.into());
        }));
        self
    }

    /// `on:event=act`
    #[must_use]
    pub fn on<E: EventDescriptor>(self, _event: E, name: &str, mut act: impl FnMut(E::EventType) + 'static) -> Self
    where
        E::EventType: JsCast,
    {
        self.listen(name, Box::new(move |event| act(event.unchecked_into())))
    }

    #[inline(never)]
    fn listen(self, name: &str, act: Box<dyn FnMut(Event)>) -> Self {
        // The browser's garbage collector frees it with the element.
        let act = Closure::wrap(act).into_js_value();
        let _ = self.0.add_event_listener_with_callback(name, act.unchecked_ref());
        self
    }

    /// `node_ref=node`
    #[must_use]
    pub fn node_ref<E>(self, node: NodeRef<E>) -> Self
    where
        E: ElementType,
        E::Output: JsCast + Clone + 'static,
    {
        node.load(self.element());
        self
    }

    /// Literal text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.append(&AnyView::text(text))
    }

    /// Literal HTML.
    #[must_use]
    pub fn markup(self, markup: &'static str) -> Self {
        self.append(&AnyView::markup(markup))
    }

    /// Literal SVG.
    #[must_use]
    pub fn svg_markup(self, markup: &'static str) -> Self {
        self.append(&AnyView::svg_markup(markup))
    }

    /// Anything else.
    #[must_use]
    pub fn child(self, child: impl IntoView) -> Self {
        self.append(&child.into_view())
    }

    #[inline(never)]
    fn append(self, view: &AnyView) -> Self {
        dom::append(&self.0, &view.0);
        self
    }

    /// The view.
    pub fn finish(self) -> AnyView {
        AnyView(self.0)
    }
}
