//! A switch.

use crate::prelude::*;

/// A switch with its name and its state in words. It only changes the signal; the page decides what that does.
#[component]
pub fn Switch(
    /// Its name.
    label: &'static str,
    /// The state.
    on: RwSignal<bool>,
    /// The id of an element that says what it does.
    #[prop(optional)]
    described_by: Option<&'static str>,
) -> impl IntoView {
    view! {
        <label class="switch">
            <span class="visually-hidden">{label}</span>
            <span class="switch-state" aria-hidden="true">{move || if on.get() { t::ui::on() } else { t::ui::off() }}</span>
            <input
                type="checkbox"
                role="switch"
                prop:checked=on
                aria-describedby=described_by
                on:change=move |event| on.set(event_target_checked(&event))
            />
            <span class="switch-track" aria-hidden="true"></span>
        </label>
    }
}
