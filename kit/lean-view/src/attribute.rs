//! Values of attributes, classes and properties: plain ones, or signals and closures that are tracked.

use leptos::prelude::{Get, Memo, RwSignal, Signal};
use web_sys::Element;

use crate::effect::run_now;

/// A value of an attribute. `None` and `false` remove the attribute, `true` sets it to an empty value.
pub trait IntoAttribute {
    /// Sets the attribute, and keeps it up to date if the value can change.
    fn put(self, element: &Element, name: &'static str);
}

impl IntoAttribute for &str {
    fn put(self, element: &Element, name: &'static str) {
        let _ = element.set_attribute(name, self);
    }
}

impl IntoAttribute for String {
    fn put(self, element: &Element, name: &'static str) {
        self.as_str().put(element, name);
    }
}

impl IntoAttribute for bool {
    fn put(self, element: &Element, name: &'static str) {
        self.then_some("").put(element, name);
    }
}

impl<T: IntoAttribute> IntoAttribute for Option<T> {
    fn put(self, element: &Element, name: &'static str) {
        match self {
            Some(value) => value.put(element, name),
            None => {
                let _ = element.remove_attribute(name);
            }
        }
    }
}

impl<T: IntoAttribute, F: FnMut() -> T + 'static> IntoAttribute for F {
    fn put(mut self, element: &Element, name: &'static str) {
        let element = element.clone();
        run_now(Box::new(move || self().put(&element, name)));
    }
}

/// A value of a class or property.
pub trait IntoProperty<T> {
    /// Passes it to `set`, again whenever it changes.
    fn put(self, set: Box<dyn FnMut(T)>);
}

macro_rules! values {
    ($($type:ty),*) => {$(
        impl IntoProperty<$type> for $type {
            fn put(self, mut set: Box<dyn FnMut($type)>) {
                set(self);
            }
        }
        impl<F: FnMut() -> $type + 'static> IntoProperty<$type> for F {
            fn put(mut self, mut set: Box<dyn FnMut($type)>) {
                run_now(Box::new(move || set(self())));
            }
        }
        signals!($type, Signal, Memo, RwSignal);
    )*};
}

macro_rules! signals {
    ($type:ty, $($signal:ident),*) => {$(
        impl IntoProperty<$type> for $signal<$type> {
            fn put(self, mut set: Box<dyn FnMut($type)>) {
                run_now(Box::new(move || set(self.get())));
            }
        }
    )*};
}

values!(bool, String);
