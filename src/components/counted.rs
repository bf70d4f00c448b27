//! Lists that show what a number of the overview counts.

use crate::prelude::*;

use crate::query::use_query_params;

/// Says that a list shows only what a number of the overview counts, if that is so. *Clear filters* shows the others.
#[component]
pub fn OnlyCounted() -> impl IntoView {
    let counted = use_query_params().any(&["on_lock", "hub", "reason", "reachable", "worst"]);
    view! {
        <Show when=move || counted.get()>
            <span class="small second">{t::overview::only_counted()}</span>
        </Show>
    }
}
