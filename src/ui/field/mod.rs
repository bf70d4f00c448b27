//! Form fields: label, hint, error and input, connected for screen readers.

mod choice;
mod text;

use std::cell::Cell;

pub use choice::*;
pub use text::*;

use crate::prelude::*;
use wasm_bindgen::JsCast;

thread_local! {
    static NEXT_ID: Cell<u32> = const { Cell::new(0) };
}

/// A unique element id.
pub fn unique_id(prefix: &str) -> String {
    let id = NEXT_ID.get();
    NEXT_ID.set(id.wrapping_add(1));
    [prefix, "-", &id.to_string()].concat()
}

/// The id of the input of a field, to which the error summary links.
pub fn field_id(name: &str) -> String {
    ["field-", name].concat()
}

/// Reads the fields of a form that is being submitted: what a password manager has filled in may have told nobody.
pub fn read_fields(event: &web_sys::SubmitEvent) {
    let form = event.target().and_then(|form| form.dyn_into::<web_sys::Element>().ok());
    let Some(inputs) = form.and_then(|form| form.query_selector_all("input, textarea").ok()) else { return };
    for input in (0..inputs.length()).filter_map(|at| inputs.get(at)) {
        // Not one that bubbles: nobody has changed anything.
        if let Ok(input_event) = web_sys::Event::new("input") {
            let _ = input.dispatch_event(&input_event);
        }
    }
}

/// The ids of a field's hint and error for `aria-describedby`; `None` if it has neither.
fn described_by(id: &str, hint: bool, error: Signal<Option<String>>) -> impl Fn() -> Option<String> + use<> {
    let (hint_id, error_id) = ([id, "-hint"].concat(), [id, "-error"].concat());
    move || match (hint, error.with(Option::is_some)) {
        (true, true) => Some([&hint_id, " ", &error_id].concat()),
        (true, false) => Some(hint_id.clone()),
        (false, true) => Some(error_id.clone()),
        (false, false) => None,
    }
}

#[component]
fn FieldNotes(id: String, hint: Option<Signal<String>>, error: Signal<Option<String>>) -> impl IntoView {
    let (hint_id, error_id) = ([&id, "-hint"].concat(), [&id, "-error"].concat());
    view! {
        {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{move || hint.get()}</p> })}
        {move || {
            error
                .get()
                .map(|error| view! { <p class="field-error" id=error_id.clone()>{error}</p> })
        }}
    }
}
