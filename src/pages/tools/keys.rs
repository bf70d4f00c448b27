//! The list of keyboard shortcuts.

use crate::prelude::*;
use leptos::html;

use super::{hide, show};
use crate::{
    components::{KeysChoice, places, use_properties, use_tools},
    session::use_session,
    ui::Button,
};

/// The keyboard shortcuts, and the setting for those without Ctrl or ⌘.
#[component]
pub fn KeySheet() -> impl IntoView {
    let tools = use_tools();
    let (session, properties) = (use_session(), use_properties());
    let node = NodeRef::<html::Dialog>::new();
    show(node);
    let mut rows = vec![
        (vec!["Ctrl", "K"], t::tools::keys::palette()),
        (vec!["?"], t::tools::keys::sheet()),
        (vec!["/"], t::tools::keys::search()),
        (vec!["n"], t::tools::keys::issue()),
    ];
    let places = untrack(|| places(&session.roles(), properties.current().map(|property| property.id)));
    rows.extend(places.into_iter().map(|place| (vec!["g", place.key], place.label)));
    rows.push((vec!["Esc"], t::tools::keys::close()));
    let rows = rows.into_iter().map(|(keys, words)| {
        let keys = keys.into_iter().map(|key| view! { <kbd>{key}</kbd> }).collect_view();
        view! { <div><dt>{words}</dt><dd>{keys}</dd></div> }
    });
    view! {
        <dialog node_ref=node class="dialog" aria-labelledby="keys-title" on:close=move |_| tools.close()>
            <h2 id="keys-title">{t::tools::keys::title()}</h2>
            <dl class="keys">{rows.collect_view()}</dl>
            <KeysChoice />
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| hide(node))>{t::tools::keys::done()}</Button>
            </div>
        </dialog>
    }
}
