//! Loading more of a list.

use std::time::Duration;

use crate::prelude::*;
use leptos::html;

use super::{Button, observe};

/// How far below the viewport the end of a list may be when the next page is read.
const AHEAD: &str = "1000px 0px";

/// *Load more* under a list that is read page by page; nothing when there is no more. It acts by itself when the
/// viewport comes near it, unless that failed.
#[component]
pub fn LoadMore(
    /// Whether there is more.
    #[prop(into)]
    has_more: Signal<bool>,
    /// Whether it is being read.
    #[prop(into)]
    busy: Signal<bool>,
    /// Why it couldn't be read.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Reads it.
    #[prop(into)]
    on_more: Callback<()>,
) -> impl IntoView {
    let end = NodeRef::<html::Div>::new();
    let look_again = observe(end, AHEAD, move |entry| {
        if entry.is_intersecting() && !busy.get_untracked() && error.with_untracked(Option::is_none) {
            // After the new rows are painted and pending input events are handled.
            set_timeout(
                move || {
                    on_more.try_run(());
                },
                Duration::ZERO,
            );
        }
    });
    // The new rows may not have moved the end out of range.
    effect(move || {
        if !busy.get() {
            look_again();
        }
    });
    view! {
        <Show when=move || has_more.get()>
            <div class="load-more" node_ref=end>
                <Button busy on_press=on_more>{t::ui::load_more()}</Button>
                {move || error.get().map(|error| view! { <span class="field-error" role="alert">{error}</span> })}
            </div>
        </Show>
    }
}
