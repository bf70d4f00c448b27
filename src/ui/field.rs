//! Form fields: label, hint, error and input, connected for screen readers.

use std::{cell::Cell, time::Duration};

use crate::prelude::*;

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

/// One of several options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value that is sent.
    pub value: String,
    /// The text that is shown.
    pub label: String,
    /// A line under the label; empty for none.
    pub hint: String,
}

impl Choice {
    /// A choice without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// With a line under its label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

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

/// Choosing one of several options, in a drop-down list.
#[component]
pub fn SelectField(
    /// Its label.
    label: &'static str,
    /// The field's name in the request.
    name: &'static str,
    /// The chosen value.
    value: RwSignal<String>,
    /// The options.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// A hint on how to choose.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Its error.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = field_id(name);
    view! {
        <div class="field" class:invalid=move || error.with(Option::is_some)>
            <label for=id.clone()>{label}</label>
            <select
                id=id.clone()
                name=name
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by(&id, hint.is_some(), error)
                on:change=move |event| value.set(event_target_value(&event))
            >
                <Options choices value />
            </select>
            <FieldNotes id hint error />
        </div>
    }
}

#[component]
fn Options(choices: Signal<Vec<Choice>>, #[prop(into)] value: Signal<String>) -> impl IntoView {
    move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let this = choice.value.clone();
                view! {
                    <option value=choice.value prop:selected=move || value.with(|value| *value == this)>
                        {choice.label}
                    </option>
                }
            })
            .collect_view()
    }
}

/// Choosing any number of options.
#[component]
pub fn CheckboxGroup(
    /// Its label.
    legend: &'static str,
    /// The field's name in the request.
    name: &'static str,
    /// The chosen values, in the order of the options.
    value: RwSignal<Vec<String>>,
    /// The options.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// A hint on how to choose.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Its error.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether to show them side by side, as small buttons (for weekdays).
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let id = field_id(name);
    let toggle = move |choice: &str, on: bool| {
        let chosen = value.get_untracked();
        let wanted = |candidate: &Choice| {
            if candidate.value == choice { on } else { chosen.contains(&candidate.value) }
        };
        value.set(choices.get_untracked().into_iter().filter(wanted).map(|choice| choice.value).collect());
    };
    let boxes = move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let (this, that) = (choice.value.clone(), choice.value.clone());
                view! {
                    <label class="choice">
                        <input
                            type="checkbox"
                            name=name
                            value=choice.value
                            prop:checked=move || value.with(|value| value.contains(&this))
                            on:change=move |event| toggle(&that, event_target_checked(&event))
                        />
                        <ChoiceText label=choice.label hint=choice.hint />
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset
            class="field choices"
            class:inline=inline
            class:invalid=move || error.with(Option::is_some)
            id=id.clone()
            tabindex="-1"
            aria-describedby=described_by(&id, hint.is_some(), error)
        >
            <legend>{legend}</legend>
            <div class="choice-list">{boxes}</div>
            <FieldNotes id=id.clone() hint error />
        </fieldset>
    }
}

/// Choosing one of a few options, all of them visible.
#[component]
pub fn RadioGroup(
    /// Its label.
    legend: &'static str,
    /// The field's name in the request.
    name: &'static str,
    /// The chosen value.
    value: RwSignal<String>,
    /// The options.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// A hint on how to choose.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Its error.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether to show them side by side, as small buttons.
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let id = field_id(name);
    let radios = move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let (this, that) = (choice.value.clone(), choice.value.clone());
                view! {
                    <label class="choice">
                        <input
                            type="radio"
                            name=name
                            value=choice.value
                            prop:checked=move || value.with(|value| *value == this)
                            on:change=move |_| value.set(that.clone())
                        />
                        <ChoiceText label=choice.label hint=choice.hint />
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset
            class="field choices"
            class:inline=inline
            class:invalid=move || error.with(Option::is_some)
            id=id.clone()
            tabindex="-1"
            aria-describedby=described_by(&id, hint.is_some(), error)
        >
            <legend>{legend}</legend>
            <div class="choice-list">{radios}</div>
            <FieldNotes id=id.clone() hint error />
        </fieldset>
    }
}

#[component]
fn ChoiceText(label: String, hint: String) -> impl IntoView {
    view! {
        <span class="choice-text">
            {label}
            {(!hint.is_empty()).then(|| view! { <span class="choice-hint">{hint}</span> })}
        </span>
    }
}

/// The search field of a filter bar; its label is for screen readers, its placeholder for everybody else.
#[component]
pub fn FilterSearch(
    /// What it searches: `Name or unit`.
    label: &'static str,
    /// The words, from the address.
    #[prop(into)]
    value: Signal<String>,
    /// Called when the words change: at once, and then every quarter of a second while somebody types.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let typed = Throttle::new(on_change);
    view! {
        <label class="filter-search">
            <span class="visually-hidden">{label}</span>
            <input
                type="search"
                placeholder=label
                autocomplete="off"
                prop:value=value
                on:input=move |event| typed.push(event_target_value(&event))
                on:blur=move |_| typed.flush()
            />
        </label>
    }
}

/// The shortest time between two searches while somebody types.
const SEARCH_INTERVAL: Duration = Duration::from_millis(250);

/// Passes the first text on at once; of those that follow within the interval, only the last one, at its end.
#[derive(Clone, Copy)]
struct Throttle {
    pausing: RwSignal<bool>,
    waiting: StoredValue<Option<String>>,
    act: Callback<String>,
}

impl Throttle {
    fn new(act: Callback<String>) -> Self {
        Self { pausing: RwSignal::new(false), waiting: StoredValue::new(None), act }
    }

    fn push(self, text: String) {
        if self.pausing.get_untracked() {
            self.waiting.set_value(Some(text));
        } else {
            self.pausing.set(true);
            self.act.run(text);
            self.run_after_interval();
        }
    }

    /// Passes a waiting text on now: whoever left the field is about to do something else, which a late search must not
    /// undo.
    fn flush(self) {
        if let Some(Some(text)) = self.waiting.try_update_value(Option::take) {
            self.act.run(text);
        }
    }

    fn run_after_interval(self) {
        set_timeout(
            move || match self.waiting.try_update_value(Option::take) {
                Some(Some(text)) => {
                    self.act.run(text);
                    self.run_after_interval();
                }
                Some(None) => self.pausing.set(false),
                // The page is gone.
                None => {}
            },
            SEARCH_INTERVAL,
        );
    }
}

/// A drop-down list of a filter bar; its label is for screen readers, its first option (`Any status`) for everybody
/// else.
#[component]
pub fn FilterSelect(
    /// What it restricts: `Status`.
    label: &'static str,
    /// The chosen value, from the address.
    #[prop(into)]
    value: Signal<String>,
    /// The options; the first usually has an empty value.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Called when another option is chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// Called when the list is opened by pointer, since one of its options may be chosen soon.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
) -> impl IntoView {
    let open = move |_| {
        if let Some(on_open) = on_open {
            on_open.run(());
        }
    };
    view! {
        <label class="filter-select">
            <span class="visually-hidden">{label}</span>
            <select on:mousedown=open on:change=move |event| on_change.run(event_target_value(&event))>
                <Options choices value />
            </select>
        </label>
    }
}
