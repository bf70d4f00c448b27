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
        Effect, Get, GetUntracked, GetValue, LocalStorage, Memo, NodeRef, RwSignal, Set, SetValue, Signal, StoredValue,
        Track, Update, UpdateValue, With, WithUntracked, WithValue, component, expect_context, on_cleanup,
        provide_context, untrack, use_context,
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
