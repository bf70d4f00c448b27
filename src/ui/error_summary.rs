//! The error summary at the top of a form.

use crate::prelude::*;
use leptos::html;
use wasm_bindgen::JsCast;

use super::{Icon, IconView, field_id};

/// One error: the field's name (empty if it is about none) and a sentence.
pub type SummaryItem = (String, String);

/// The summary at the top of a form. It takes the focus whenever `attempt` changes and there is an error; its links
/// lead to the fields.
#[component]
pub fn ErrorSummary(
    /// The heading; `None` hides the summary.
    #[prop(into)]
    title: Signal<Option<String>>,
    /// The errors, in the order of the fields.
    #[prop(into)]
    items: Signal<Vec<SummaryItem>>,
    /// Increases with every failed attempt.
    #[prop(into)]
    attempt: Signal<u32>,
    /// Further content: next step, request id.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    effect(move || {
        attempt.track();
        if let Some(node) = node.get()
            && attempt.get_untracked() > 0
        {
            let _ = node.focus();
        }
    });
    let children = StoredValue::new(children);
    view! {
        <Show when=move || title.with(Option::is_some)>
            <div node_ref=node class="error-summary" role="alert" tabindex="-1">
                <p class="error-summary-title">
                    <IconView icon=Icon::Warning />
                    <strong>{move || title.get()}</strong>
                </p>
                <ul class:hidden=move || items.with(Vec::is_empty)>
                    {move || items.get().into_iter().map(|(field, text)| view! { <li><FieldLink field text /></li> }).collect_view()}
                </ul>
                {children.with_value(|children| children.as_ref().map(|children| children()))}
            </div>
        </Show>
    }
}

#[component]
fn FieldLink(field: String, text: String) -> AnyView {
    let id = field_id(&field);
    if field.is_empty() {
        return view! { <span>{text}</span> }.into_any();
    }
    let go = {
        let id = id.clone();
        move |event: web_sys::MouseEvent| {
            // Focus, don't navigate: the address stays as it is.
            event.prevent_default();
            event.stop_propagation();
            if let Some(field) =
                document().get_element_by_id(&id).and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = field.focus();
            }
        }
    };
    view! { <a href=["#", &id].concat() on:click=go>{text}</a> }.into_any()
}
