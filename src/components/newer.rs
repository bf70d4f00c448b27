//! The banner that says that the server has a newer console.

use crate::prelude::*;

use crate::ui::{Button, Icon, IconView};

/// A banner that appears when there is a newer console (`public/boot.js` finds out). The page stays as it is until the
/// person reloads.
#[component]
pub fn NewerBanner() -> impl IntoView {
    let newer = RwSignal::new(false);
    let listener = window_event_listener_untyped("latchkey:newer", move |_| newer.set(true));
    on_cleanup(move || listener.remove());
    let reload = Callback::new(|()| {
        // Fails only while the page is being left.
        let _ = window().location().reload();
    });
    view! {
        <div role="status">
            <Show when=move || newer.get()>
                <div class="newer-banner">
                    <IconView icon=Icon::Refresh />
                    <span>{t::shell::newer()}</span>
                    <Button on_press=reload>{t::shell::reload()}</Button>
                </div>
            </Show>
        </div>
    }
}
