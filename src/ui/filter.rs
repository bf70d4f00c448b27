//! The fields of a list's filter bar. Their values are in the address (`src/query.rs`).

use std::time::Duration;

use super::field::{Choice, Options};
use crate::prelude::*;

/// The search field of a filter bar; its label is for screen readers, its placeholder for everybody else.
#[component]
pub fn FilterSearch(
    /// What it searches: `Name or unit`.
    label: &'static str,
    /// The words, from the address.
    #[prop(into)]
    value: Signal<String>,
    /// Called when the words change: at once, and then every quarter of a second while somebody types.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let typed = Throttle::new(on_change);
    view! {
        <label class="filter-search">
            <span class="visually-hidden">{label}</span>
            <input
                type="search"
                placeholder=label
                autocomplete="off"
                prop:value=value
                on:input=move |event| typed.push(event_target_value(&event))
                on:blur=move |_| typed.flush()
            />
        </label>
    }
}

/// The shortest time between two searches while somebody types.
const SEARCH_INTERVAL: Duration = Duration::from_millis(250);

/// Passes the first text on at once; of those that follow within the interval, only the last one, at its end.
#[derive(Clone, Copy)]
struct Throttle {
    pausing: RwSignal<bool>,
    waiting: StoredValue<Option<String>>,
    act: Callback<String>,
}

impl Throttle {
    fn new(act: Callback<String>) -> Self {
        Self { pausing: RwSignal::new(false), waiting: StoredValue::new(None), act }
    }

    fn push(self, text: String) {
        if self.pausing.get_untracked() {
            self.waiting.set_value(Some(text));
        } else {
            self.pausing.set(true);
            self.act.run(text);
            self.run_after_interval();
        }
    }

    /// Passes a waiting text on now: whoever left the field is about to do something else, which a late search must not
    /// undo.
    fn flush(self) {
        if let Some(Some(text)) = self.waiting.try_update_value(Option::take) {
            self.act.run(text);
        }
    }

    fn run_after_interval(self) {
        set_timeout(
            move || match self.waiting.try_update_value(Option::take) {
                Some(Some(text)) => {
                    self.act.run(text);
                    self.run_after_interval();
                }
                Some(None) => self.pausing.set(false),
                // The page is gone.
                None => {}
            },
            SEARCH_INTERVAL,
        );
    }
}

/// A drop-down list of a filter bar; its label is for screen readers, its first option (`Any status`) for everybody
/// else.
#[component]
pub fn FilterSelect(
    /// What it restricts: `Status`.
    label: &'static str,
    /// The chosen value, from the address.
    #[prop(into)]
    value: Signal<String>,
    /// The options; the first usually has an empty value.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Called when another option is chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// Called when the list is opened by pointer, since one of its options may be chosen soon.
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
