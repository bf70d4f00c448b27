//! The focus stays in the page.

use std::{cell::Cell, rc::Rc};

use crate::prelude::*;
use leptos::html;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, FocusOptions, MutationObserver, MutationObserverInit};

/// Gives the focus to the page's content when what has it leaves the page, as a button does that clears filters and is
/// gone with them. A browser gives it to nothing, and whoever goes by keys begins at the top again. Call it once.
pub fn keep_focus(main: NodeRef<html::Main>) {
    let had = Rc::new(Cell::new(None::<Element>));
    let _as_long_as_the_page = window_event_listener_untyped("focusin", {
        let had = had.clone();
        move |event| had.set(event.target().map(JsCast::unchecked_into))
    });
    let changed = Closure::<dyn Fn()>::new(move || {
        let Some(element) = had.take() else { return };
        if element.is_connected() {
            return had.set(Some(element));
        }
        let lost = document().active_element().is_none_or(|focused| focused.tag_name() == "BODY");
        if lost {
            focus_content(main);
        }
    });
    let observed = MutationObserverInit::new();
    observed.set_child_list(true);
    observed.set_subtree(true);
    if let (Ok(observer), Some(body)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document().body()) {
        let _ = observer.observe_with_options(&body, &observed);
    }
    changed.forget();
}

/// Gives the focus to the page's content, and leaves the page where it is.
pub(super) fn focus_content(main: NodeRef<html::Main>) {
    if let Some(main) = main.get_untracked() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = main.focus_with_options(&options);
    }
}
