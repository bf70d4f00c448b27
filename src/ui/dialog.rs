//! Dialogs, as the browser's own `<dialog>`: it keeps the focus inside, closes on Escape and returns the focus.

use crate::prelude::*;
use leptos::html;

use super::{Button, ButtonKind, Toasts, use_toasts};

/// A modal dialog. Its content is created when it opens and dropped when it closes, so that nothing typed or shown
/// stays.
#[component]
pub fn Dialog(
    /// Open it with `set(true)`; it sets `false` itself when closed.
    open: RwSignal<bool>,
    /// Its heading and name.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it must be answered: Escape doesn't close it, and the page under it is hidden.
    #[prop(optional)]
    must_answer: bool,
    /// The content; actions go into a `<div class="dialog-actions">` at the end.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let title_id = StoredValue::new(super::unique_id("dialog"));
    let toasts = use_toasts();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            show_modal(node, toasts);
        } else if dialog.open() {
            toasts.follow_dialogs(Some(&dialog));
            dialog.close();
        }
    });
    toasts.leave_with(node);
    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:must-answer=must_answer
            aria-labelledby=title_id.get_value()
            closedby=must_answer.then_some("none")
            on:close=move |_| {
                // A browser without `closedby` has closed it on Escape.
                if must_answer && open.get_untracked() {
                    show_modal(node, toasts);
                } else {
                    toasts.follow_dialogs(None);
                    open.set(false);
                }
            }
        >
            <Show when=move || open.get()>
                <h2 id=title_id.get_value()>{move || title.get()}</h2>
                {children()}
            </Show>
        </dialog>
    }
}

/// Opens a modal dialog unless it is open, and takes the messages along.
pub fn show_modal(node: NodeRef<html::Dialog>, toasts: Toasts) {
    if let Some(dialog) = node.get_untracked().filter(|dialog| !dialog.open()) {
        // Fails only for a dialog that is open or not in the page, and it is neither.
        let _ = dialog.show_modal();
        toasts.follow_dialogs(None);
    }
}

/// A dialog that asks before an action, and stays open until that succeeds: errors are shown inside it, and the caller
/// closes it when the change is confirmed.
#[component]
pub fn ConfirmDialog(
    /// Open it with `set(true)`.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen, in sentences; what went wrong, if something did.
    children: ChildrenFn,
    /// The text of the confirming button, the verb of the question: `Revoke`, not `OK`.
    confirm: &'static str,
    /// How the confirming button looks.
    #[prop(default = ButtonKind::LastStep)]
    kind: ButtonKind,
    /// Whether an attempt is pending.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Called when the person confirms.
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Dialog open title>
            {children.with_value(|children| children())}
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind busy on_press=on_confirm>
                    {confirm}
                </Button>
            </div>
        </Dialog>
    }
}
