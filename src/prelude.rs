//! What every screen is written with: Leptos's signals, components and contexts, and the views of `lean-view`.

/// What the console says: `t::ui::cancel()`.
pub use crate::locale as t;
pub use lean_view::{
    Children, ChildrenFn, CollectView, For, IntoView, Memo, RwSignal, Show, Signal, StoredValue, ToChildren, View,
    ViewFn, effect, memo, view,
};
pub use leptos::{
    callback::{Callable, Callback},
    leptos_dom::helpers::{
        WindowListenerHandle, document, event_target_checked, event_target_value, set_interval,
        set_interval_with_handle, set_timeout, set_timeout_with_handle, window, window_event_listener,
        window_event_listener_untyped,
    },
    prelude::{
        Get, GetUntracked, GetValue, NodeRef, With, WithUntracked, WithValue, component, expect_context, on_cleanup,
        provide_context, untrack, use_context,
    },
};

/// A value of this thread alone, kept with the current owner.
pub type LocalValue<T> = leptos::prelude::StoredValue<T, leptos::prelude::LocalStorage>;
