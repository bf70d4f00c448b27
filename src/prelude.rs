//! What every screen is written with: Leptos's signals, components and contexts, and the views of `lean-view`.

pub use lean_view::{Children, ChildrenFn, CollectView, For, IntoView, Show, ToChildren, View, ViewFn, effect, memo, view};
pub use leptos::{
    callback::{Callable, Callback},
    leptos_dom::helpers::{
        WindowListenerHandle, document, event_target_checked, event_target_value, set_interval,
        set_interval_with_handle, set_timeout, set_timeout_with_handle, window, window_event_listener, window_event_listener_untyped,
    },
    prelude::{
        Effect, Get, GetUntracked, GetValue, LocalStorage, Memo, NodeRef, Owner, Read, RwSignal, Set, SetValue, Signal,
        StoredValue, Track, Update, UpdateValue, With, WithUntracked, WithValue, component, expect_context,
        on_cleanup, provide_context, untrack, use_context,
    },
};
