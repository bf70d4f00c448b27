//! More of a list.

use crate::prelude::*;

use super::Button;

/// *Load more* under a list that is read page by page; nothing when there is no more.
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
    view! {
        <Show when=move || has_more.get()>
            <div class="load-more">
                <Button busy on_press=on_more>"Load more"</Button>
                {move || error.get().map(|error| view! { <span class="field-error" role="alert">{error}</span> })}
            </div>
        </Show>
    }
}
