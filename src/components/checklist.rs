//! The checklist of a policy (R14): each condition met, not met or not checked, and what to do.

use crate::prelude::*;
use api_types::ChecklistItem;

use crate::{
    intl::{self, Style},
    ui::{Icon, IconView},
    wording,
};

/// The whole checklist, never only the conditions that failed.
#[component]
pub fn Checklist(
    /// The conditions, in the order of the rules.
    #[prop(into)]
    items: Signal<Vec<ChecklistItem>>,
    /// The property's IANA time zone; this device's where there is none.
    #[prop(optional, into)]
    zone: Option<Signal<String>>,
    /// Other words for a condition, where they suit the reader better.
    #[prop(optional)]
    words: Option<fn(&ChecklistItem) -> Option<&'static str>>,
) -> impl IntoView {
    let rows = move || {
        let zone = zone.map_or_else(intl::device_zone, |zone| zone.get());
        let row = |item: ChecklistItem| {
            let own = words.and_then(|words| words(&item)).map(str::to_owned);
            let detail =
                own.unwrap_or_else(|| wording::condition(&item, |since| intl::format(since, &zone, Style::DateTime)));
            view! { <Condition item detail /> }
        };
        items.get().into_iter().map(row).collect_view()
    };
    view! { <ul class="checklist">{rows}</ul> }
}

#[component]
fn Condition(item: ChecklistItem, detail: String) -> impl IntoView {
    let (class, icon, word) = match item.met {
        Some(true) => ("met", Icon::Check, t::problem::condition::met()),
        Some(false) => ("not-met", Icon::X, t::problem::condition::not_met()),
        None => ("not-checked", Icon::Minus, t::problem::condition::not_checked()),
    };
    let step = wording::condition_step(&item);
    view! {
        <li class=class>
            <IconView icon />
            <div>
                <p class="checklist-detail">
                    <span class="visually-hidden">{word} " "</span>
                    {detail}
                </p>
                {step.map(|step| view! { <p class="checklist-step">{step}</p> })}
            </div>
        </li>
    }
}
