//! Saying that something happened, to those who see and those who hear.

use std::time::Duration;

use crate::prelude::*;

use super::{Button, ButtonKind, Icon, IconView};

/// How long a good message stays, in seconds. Bad ones stay until dismissed.
const SHOWN_S: u64 = 6;

#[derive(Clone, PartialEq)]
struct Toast {
    id: u32,
    text: String,
    failed: bool,
}

/// The messages of the page. Copy it freely.
#[derive(Clone, Copy)]
pub struct Toasts {
    toasts: RwSignal<Vec<Toast>>,
    spoken: RwSignal<String>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Puts it into the context; [`ToastRegion`] shows it.
    pub fn provide() -> Self {
        let toasts =
            Self { toasts: RwSignal::new(Vec::new()), spoken: RwSignal::new(String::new()), next: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    /// Something was done: shown for some seconds, and spoken.
    pub fn done(&self, text: impl Into<String>) {
        let id = self.push(text.into(), false);
        let toasts = *self;
        set_timeout(move || toasts.dismiss(id), Duration::from_secs(SHOWN_S));
    }

    /// Something went wrong outside any form: shown until dismissed, and spoken.
    pub fn failed(&self, text: impl Into<String>) {
        self.push(text.into(), true);
    }

    /// Spoken to screen readers only.
    pub fn announce(&self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    fn push(&self, text: String, failed: bool) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.spoken.set(text.clone());
        self.toasts.update(|toasts| toasts.push(Toast { id, text, failed }));
        id
    }

    fn dismiss(&self, id: u32) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The messages. Call it in a component's body.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// Where messages are shown and spoken; once in the page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || toasts.spoken.get()}
        </div>
        <section class="toasts" aria-label="Messages">
            <For each=move || toasts.toasts.get() key=|toast| toast.id let(toast)>
                <div class="toast" class:failed=toast.failed>
                    <IconView icon=if toast.failed { Icon::Warning } else { Icon::Check } />
                    <span>{toast.text.clone()}</span>
                    <Button
                        kind=ButtonKind::Quiet
                        icon=Icon::X
                        icon_only=true
                        on_press=Callback::new(move |()| toasts.dismiss(toast.id))
                    >
                        "Dismiss"
                    </Button>
                </div>
            </For>
        </section>
    }
}
