//! What can be laid over any page: the command palette and the sheet of keys. Downloaded when first opened.

pub mod keys;
pub mod palette;

use crate::prelude::*;
use leptos::html;

use crate::components::{Tool, use_tools};

/// The tool that is open, in a dialog of its own.
#[component]
pub fn OpenTool() -> impl IntoView {
    let open = use_tools().open();
    move || match open.get() {
        Some(Tool::Palette) => view! { <palette::Palette /> }.into_any(),
        Some(Tool::Keys) => view! { <keys::KeySheet /> }.into_any(),
        None => View::empty(),
    }
}

/// Opens a dialog as soon as it is on the page.
fn show(node: NodeRef<html::Dialog>) {
    effect(move || {
        if let Some(dialog) = node.get()
            && !dialog.open()
        {
            // Fails only for a dialog that is open or out of the page, and it is neither.
            let _ = dialog.show_modal();
        }
    });
}
