//! Copying to the clipboard.

use crate::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::{Button, Icon, use_toasts};

/// Copies a text to the clipboard and says so.
#[component]
pub fn CopyButton(
    /// Returns the text; called when it is pressed.
    #[prop(into)]
    text: Callback<(), String>,
    /// The button's text: `Copy link`.
    label: &'static str,
    /// The message afterwards: `Link copied.`
    done: &'static str,
) -> impl IntoView {
    let toasts = use_toasts();
    let copy = Callback::new(move |()| {
        let text = text.run(());
        spawn_local(async move {
            match JsFuture::from(window().navigator().clipboard().write_text(&text)).await {
                Ok(_) => toasts.done(done),
                Err(_) => toasts.failed(t::ui::copy_failed()),
            }
        });
    });
    view! { <Button icon=Icon::Copy on_press=copy>{label}</Button> }
}
