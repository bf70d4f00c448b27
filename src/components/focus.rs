//! Keeping the focus in the page.

use std::{cell::Cell, rc::Rc};

use crate::prelude::*;
use leptos::html;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, FocusOptions, MutationObserver, MutationObserverInit};

/// Moves the focus to the page's content when the focused element is removed, such as the button that clears filters.
/// By itself a browser focuses nothing then, and keyboard users start at the top again. Call it once.
pub fn keep_focus(main: NodeRef<html::Main>) {
    let had = Rc::new(Cell::new(None::<Element>));
    let _lives_as_long_as_the_page = window_event_listener_untyped("focusin", {
        let had = had.clone();
        move |event| had.set(event.target().map(JsCast::unchecked_into))
    });
    on_changes(move || {
        let Some(element) = had.take() else { return };
        if element.is_connected() {
            return had.set(Some(element));
        }
        let lost = document().active_element().is_none_or(|focused| focused.tag_name() == "BODY");
        if lost {
            focus_content(main);
        }
    });
}

/// Calls `act` whenever elements were added to the page or removed from it, for as long as the page lives.
pub(super) fn on_changes(act: impl FnMut() + 'static) {
    let changed = Closure::<dyn FnMut()>::new(act);
    let observed = MutationObserverInit::new();
    observed.set_child_list(true);
    observed.set_subtree(true);
    if let (Ok(observer), Some(body)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document().body()) {
        let _ = observer.observe_with_options(&body, &observed);
    }
    changed.forget();
}

/// Moves the focus to the page's content without scrolling.
pub(super) fn focus_content(main: NodeRef<html::Main>) {
    if let Some(main) = main.get_untracked() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = main.focus_with_options(&options);
    }
}
