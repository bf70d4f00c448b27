//! Fields for typing.

use super::{FieldNotes, described_by, field_id};
use crate::prelude::*;

/// What a [`TextField`] accepts: the `type` of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    /// Any text.
    #[default]
    Text,
    /// An email address.
    Email,
    /// A password.
    Password,
    /// Words to search for.
    Search,
    /// `YYYY-MM-DD`
    Date,
    /// `HH:MM`
    Time,
    /// `YYYY-MM-DDTHH:MM`
    DateTime,
    /// Digits as text: a numeric keyboard, leading zeros kept (R6).
    Digits,
}

impl InputKind {
    const fn type_name(self) -> &'static str {
        match self {
            Self::Text | Self::Digits => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Search => "search",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime-local",
        }
    }
}

/// One line of text, a date or a time.
#[component]
pub fn TextField(
    /// Its label.
    label: &'static str,
    /// The field's name in the request, which errors refer to.
    name: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// What it accepts.
    #[prop(optional)]
    kind: InputKind,
    /// A hint on how to fill it in.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Its error.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What the browser may autofill: `email`, `current-password`, `off`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The maximum length in characters.
    #[prop(optional)]
    max_length: Option<u32>,
    /// Whether it may be left empty; the label says so.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let id = field_id(name);
    let digits = kind == InputKind::Digits;
    view! {
        <div class="field" class:invalid=move || error.with(Option::is_some)>
            <label for=id.clone()>
                {label}
                {optional.then(|| view! { <span class="field-optional">" " {t::ui::optional()}</span> })}
            </label>
            <input
                id=id.clone()
                name=name
                type=kind.type_name()
                inputmode=digits.then_some("numeric")
                autocomplete=autocomplete
                maxlength=max_length.map(|length| length.to_string())
                aria-required=(!optional).then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by(&id, hint.is_some(), error)
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
            <FieldNotes id hint error />
        </div>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Its label.
    label: &'static str,
    /// The field's name in the request.
    name: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// A hint on how to fill it in.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Its error.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The maximum length in characters.
    #[prop(optional)]
    max_length: Option<u32>,
    /// The number of lines shown.
    #[prop(default = 3)]
    rows: u32,
) -> impl IntoView {
    let id = field_id(name);
    view! {
        <div class="field" class:invalid=move || error.with(Option::is_some)>
            <label for=id.clone()>{label}</label>
            <textarea
                id=id.clone()
                name=name
                rows=rows.to_string()
                maxlength=max_length.map(|length| length.to_string())
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by(&id, hint.is_some(), error)
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            <FieldNotes id hint error />
        </div>
    }
}
