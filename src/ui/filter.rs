//! The fields of a list's filter bar. What they say is in the address (`src/query.rs`).

use std::time::Duration;

use super::field::{Choice, Options};
use crate::prelude::*;

/// A search box of a list's filter bar; its label is for screen readers, its placeholder for the rest.
#[component]
pub fn FilterSearch(
    /// What it searches: `Name or unit`.
    label: &'static str,
    /// The words, from the address.
    #[prop(into)]
    value: Signal<String>,
    /// The words changed; called at once, and then every quarter of a second while somebody types.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let typed = Intervals::of(on_change);
    view! {
        <label class="filter-search">
            <span class="visually-hidden">{label}</span>
            <input
                type="search"
                placeholder=label
                autocomplete="off"
                prop:value=value
                on:input=move |event| typed.hear(event_target_value(&event))
                on:blur=move |_| typed.hand_on()
            />
        </label>
    }
}

/// So long nothing is asked after something was.
const PAUSE: Duration = Duration::from_millis(250);

/// Hands on the first text at once; those that come soon after it wait, and only the last of them is handed on.
#[derive(Clone, Copy)]
struct Intervals {
    pausing: RwSignal<bool>,
    waiting: StoredValue<Option<String>>,
    act: Callback<String>,
}

impl Intervals {
    fn of(act: Callback<String>) -> Self {
        Self { pausing: RwSignal::new(false), waiting: StoredValue::new(None), act }
    }

    fn hear(self, text: String) {
        if self.pausing.get_untracked() {
            self.waiting.set_value(Some(text));
        } else {
            self.pausing.set(true);
            self.act.run(text);
            self.after_the_pause();
        }
    }

    /// Hands on what waits now: whoever left the field is about to do something else, which no word may undo later.
    fn hand_on(self) {
        if let Some(Some(text)) = self.waiting.try_update_value(Option::take) {
            self.act.run(text);
        }
    }

    fn after_the_pause(self) {
        set_timeout(
            move || match self.waiting.try_update_value(Option::take) {
                Some(Some(text)) => {
                    self.act.run(text);
                    self.after_the_pause();
                }
                Some(None) => self.pausing.set(false),
                // The page is gone.
                None => {}
            },
            PAUSE,
        );
    }
}

/// A choice of a list's filter bar; its label is for screen readers, its first choice (`Any status`) for the rest.
#[component]
pub fn FilterSelect(
    /// What it restricts: `Status`.
    label: &'static str,
    /// The chosen value, from the address.
    #[prop(into)]
    value: Signal<String>,
    /// What can be chosen; the first usually has an empty value.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// The choices are opened by a press: one of them may be wanted soon.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
) -> impl IntoView {
    let open = move |_| {
        if let Some(on_open) = on_open {
            on_open.run(());
        }
    };
    view! {
        <label class="filter-select">
            <span class="visually-hidden">{label}</span>
            <select on:mousedown=open on:change=move |event| on_change.run(event_target_value(&event))>
                <Options choices value />
            </select>
        </label>
    }
}
