//! More of a list.

use std::time::Duration;

use crate::prelude::*;
use leptos::html;

use super::{Button, observe};

/// How far beyond what one sees the end of a list may be when more is read.
const AHEAD: &str = "1000px 0px";

/// *Load more* under a list that is read page by page; nothing when there is no more. It is pressed by itself when one comes
/// near it, unless that failed.
#[component]
pub fn LoadMore(
    /// There is more.
    #[prop(into)]
    has_more: Signal<bool>,
    /// It is being read.
    #[prop(into)]
    busy: Signal<bool>,
    /// Why it couldn't be read.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Read it.
    #[prop(into)]
    on_more: Callback<()>,
) -> impl IntoView {
    let end = NodeRef::<html::Div>::new();
    let look_again = observe(end, AHEAD, move |entry| {
        if entry.is_intersecting() && !busy.get_untracked() && error.with_untracked(Option::is_none) {
            // After what has just come is shown and pressed keys are heard.
            set_timeout(
                move || {
                    on_more.try_run(());
                },
                Duration::ZERO,
            );
        }
    });
    // What was read may not have moved the end out of sight.
    Effect::new(move |_| {
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
