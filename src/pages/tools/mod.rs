//! What can be opened over any page: the command palette and the list of shortcuts. Downloaded when first opened.

pub mod keys;
pub mod palette;

use crate::prelude::*;
use leptos::html;

use crate::{
    components::{Tool, use_tools},
    ui::{show_modal, use_toasts},
};

/// The tool that is open, in a dialog of its own.
#[component]
pub fn OpenTool() -> impl IntoView {
    let open = use_tools().open();
    move || match open.get() {
        Some(Tool::Palette) => view! { <palette::Palette /> }.into_any(),
        Some(Tool::Keys) => view! { <keys::KeySheet /> }.into_any(),
        None => ().into_any(),
    }
}

/// Closes a tool's dialog as Escape does: that returns the focus, and the handler of `close` removes the dialog.
/// Removing an open dialog wouldn't return the focus, and would keep the page from taking it.
fn hide(node: NodeRef<html::Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        dialog.close();
    }
}

/// Opens a dialog as soon as it is in the page.
fn show(node: NodeRef<html::Dialog>) {
    let toasts = use_toasts();
    toasts.leave_with(node);
    effect(move || {
        node.track();
        show_modal(node, toasts);
    });
}
