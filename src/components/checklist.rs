//! The conditions of a policy (R14): each met, not met or not checked, and what to do.

use crate::prelude::*;
use api_types::ChecklistItem;

use crate::ui::{Icon, IconView};

/// The whole list, never only what failed.
#[component]
pub fn Checklist(
    /// The conditions, in the order of the rules.
    #[prop(into)]
    items: Signal<Vec<ChecklistItem>>,
) -> impl IntoView {
    view! {
        <ul class="checklist">
            {move || items.get().into_iter().map(|item| view! { <Condition item /> }).collect_view()}
        </ul>
    }
}

#[component]
fn Condition(item: ChecklistItem) -> impl IntoView {
    let (class, icon, word) = match item.met {
        Some(true) => ("met", Icon::Check, "Met: "),
        Some(false) => ("not-met", Icon::X, "Not met: "),
        None => ("not-checked", Icon::Minus, "Not checked: "),
    };
    view! {
        <li class=class>
            <IconView icon />
            <div>
                <p class="checklist-detail">
                    <span class="visually-hidden">{word}</span>
                    {item.detail}
                </p>
                {item.next_step.map(|step| view! { <p class="checklist-step">{step}</p> })}
            </div>
        </li>
    }
}
