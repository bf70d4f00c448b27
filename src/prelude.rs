//! What every file of the console imports: Leptos. Views come from `lean_view`, which compiles the same syntax to less
//! code, or, with the feature `leptos-views`, from Leptos itself; only this file makes the choice.

/// The texts of the console: `t::ui::cancel()`.
pub use crate::locale as t;
#[cfg(not(feature = "leptos-views"))]
pub use lean_view::{
    AnyView, Children, ChildrenFn, CollectView, For, IntoAny, IntoView, Show, ViewFn, mount_to, mount_to_body, view,
};
pub use leptos::{
    callback::{Callable, Callback},
    leptos_dom::helpers::{
        WindowListenerHandle, document, event_target_checked, event_target_value, set_interval,
        set_interval_with_handle, set_timeout, set_timeout_with_handle, window, window_event_listener,
        window_event_listener_untyped,
    },
    prelude::{
        Get, GetUntracked, GetValue, LocalStorage, Memo, NodeRef, RwSignal, Set, SetValue, Signal, StoredValue, Track,
        Update, UpdateValue, With, WithUntracked, WithValue, component, expect_context, on_cleanup, provide_context,
        untrack, use_context,
    },
};
#[cfg(feature = "leptos-views")]
pub use leptos::{
    children::{Children, ChildrenFn, ViewFn},
    mount::{mount_to, mount_to_body},
    // Leptos's `view!` calls methods of a dozen traits.
    prelude::*,
};

/// A value that stays on this thread, kept with the current owner.
pub type LocalValue<T> = StoredValue<T, LocalStorage>;

/// `Effect::new`, compiled once for all closures and not once for each of them.
pub fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    leptos::prelude::Effect::new(run);
}

/// `Memo::new`, compiled once for each type of value.
pub fn memo<T: PartialEq + Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    memo_of(Box::new(read))
}

#[inline(never)]
fn memo_of<T: PartialEq + Send + Sync + 'static>(read: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| read())
}

/// `Signal::derive`, compiled once for each type of value.
pub fn derived<T: Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    derived_of(Box::new(read))
}

#[inline(never)]
fn derived_of<T: Send + Sync + 'static>(read: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T> {
    Signal::derive(read)
}
