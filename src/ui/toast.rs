//! Messages about what happened, on the screen and for screen readers.

use std::{sync::Arc, time::Duration};

use crate::prelude::*;
use leptos::html;
use web_sys::Node;

use super::{Button, ButtonKind, Icon, IconView};

/// How long a success message stays, in seconds. Failures stay until dismissed.
const DONE_SECONDS: u64 = 6;
/// How long a message with *Undo* stays, in seconds: enough time to read it and get there by keyboard.
const UNDOABLE_SECONDS: u64 = 30;

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    failed: bool,
    undo: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// The messages of the page. Copy it freely.
#[derive(Clone, Copy)]
pub struct Toasts {
    toasts: RwSignal<Vec<Toast>>,
    spoken: RwSignal<String>,
    next: StoredValue<u32>,
    region: NodeRef<html::Section>,
    announcer: NodeRef<html::Div>,
}

impl Toasts {
    /// Puts it into the context; [`ToastRegion`] shows it.
    pub fn provide() -> Self {
        let toasts = Self {
            toasts: RwSignal::new(Vec::new()),
            spoken: RwSignal::new(String::new()),
            next: StoredValue::new(0),
            region: NodeRef::new(),
            announcer: NodeRef::new(),
        };
        provide_context(toasts);
        toasts
    }

    /// Reports success: shown for some seconds, and announced.
    pub fn done(&self, text: impl Into<String>) {
        self.show_for(text.into(), None, DONE_SECONDS);
    }

    /// As [`Toasts::done`], with a button that calls `undo`.
    pub fn undoable(&self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.show_for(text.into(), Some(Arc::new(undo)), UNDOABLE_SECONDS);
    }

    fn show_for(&self, text: String, undo: Option<Arc<dyn Fn() + Send + Sync>>, seconds: u64) {
        let id = self.push(text, false, undo);
        let toasts = *self;
        set_timeout(move || toasts.dismiss(id), Duration::from_secs(seconds));
    }

    /// Reports a failure outside any form: shown until dismissed, and announced.
    pub fn failed(&self, text: impl Into<String>) {
        self.push(text.into(), true, None);
    }

    /// Announces to screen readers only.
    pub fn announce(&self, text: impl Into<String>) {
        self.speak(text.into());
    }

    /// A text that is the same as the last one is changed invisibly, or screen readers wouldn't announce it again.
    fn speak(&self, mut text: String) {
        if self.spoken.with_untracked(|spoken| *spoken == text) {
            text.push('\u{a0}');
        }
        self.spoken.set(text);
    }

    fn push(&self, text: String, failed: bool, undo: Option<Arc<dyn Fn() + Send + Sync>>) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.speak(text.clone());
        self.toasts.update(|toasts| toasts.push(Toast { id, text, failed, undo }));
        id
    }

    fn dismiss(&self, id: u32) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// Takes all messages away: whoever is at the screen now isn't the person that they were for.
    pub fn clear(&self) {
        self.toasts.set(Vec::new());
        self.spoken.set(String::new());
    }

    /// Takes the messages back from a dialog that goes without being closed, as with its page. Call it in its component's
    /// body.
    pub fn leave_with(self, dialog: NodeRef<html::Dialog>) {
        on_cleanup(move || {
            let dialog = dialog.try_get_untracked().flatten();
            self.follow_dialogs(dialog.as_deref().map(AsRef::as_ref));
        });
    }

    /// Puts the messages into the topmost open dialog, or back into the page when the last one closes. Nothing outside a
    /// modal dialog can be pressed, also what is over it, nor is anything announced there. `closing` is a dialog that is about to go.
    pub(super) fn follow_dialogs(&self, closing: Option<&Node>) {
        let Some(region) = self.region.get_untracked() else { return };
        let open = document().query_selector_all("dialog[open]").ok();
        let mut host = document().body().map(Node::from);
        for at in 0.. {
            let Some(dialog) = open.as_ref().and_then(|open| open.get(at)) else { break };
            if Some(&dialog) != closing {
                host = Some(dialog);
            }
        }
        let Some(host) = host else { return };
        if region.parent_node().as_ref() == Some(&host) {
            return;
        }
        if let Some(announcer) = self.announcer.get_untracked() {
            let _ = host.append_child(&announcer);
        }
        // Moving it hides it.
        let _ = host.append_child(&region);
        if self.toasts.with_untracked(|toasts| !toasts.is_empty()) {
            let _ = region.show_popover();
        }
    }
}

/// The messages. Call it in a component's body.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// The region where messages are shown and announced; once per page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let region = toasts.region;
    let some = memo(move || toasts.toasts.with(|toasts| !toasts.is_empty()));
    // A popover, since nothing else is over a dialog. One that is shown stays so: hiding it takes the focus from its buttons.
    effect(move || {
        let Some(region) = region.get() else { return };
        // Fails only if it is as it should be.
        let _ = if some.get() { region.show_popover() } else { region.hide_popover() };
    });
    view! {
        <div node_ref=toasts.announcer class="visually-hidden" role="status" aria-live="polite">
            {move || toasts.spoken.get()}
        </div>
        <section node_ref=region class="toasts" popover="manual" aria-label=t::ui::messages()>
            <For each=move || toasts.toasts.get() key=|toast| toast.id let(toast)>
                <div class="toast" class:failed=toast.failed>
                    <IconView icon=if toast.failed { Icon::Warning } else { Icon::Check } />
                    <span>{toast.text.clone()}</span>
                    {toast
                        .undo
                        .clone()
                        .map(|undo| {
                            let press = Callback::new(move |()| {
                                toasts.dismiss(toast.id);
                                undo();
                            });
                            view! { <Button on_press=press>{t::ui::undo()}</Button> }
                        })}
                    <Button
                        kind=ButtonKind::Quiet
                        icon=Icon::X
                        icon_only=true
                        on_press=Callback::new(move |()| toasts.dismiss(toast.id))
                    >
                        {t::ui::dismiss()}
                    </Button>
                </div>
            </For>
        </section>
    }
}
