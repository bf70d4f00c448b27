//! The setting for single-key shortcuts.

use crate::prelude::*;

use super::{keys_on, set_keys_on};

/// Turns single-key shortcuts on or off, and remembers it on this device.
#[component]
pub fn KeysChoice() -> impl IntoView {
    let on = RwSignal::new(keys_on());
    view! {
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=on
                on:change=move |event| {
                    on.set(event_target_checked(&event));
                    set_keys_on(on.get_untracked());
                }
            />
            <span class="choice-text">
                {t::tools::keys::on()}
                <span class="choice-hint">{t::tools::keys::on_hint()}</span>
            </span>
        </label>
    }
}
