//! Fields for choosing.

use super::{FieldNotes, described_by, field_id};
use crate::prelude::*;

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

/// The choices as the options of a `<select>`.
#[component]
pub(in crate::ui) fn Options(choices: Signal<Vec<Choice>>, #[prop(into)] value: Signal<String>) -> impl IntoView {
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

/// The value or values of a [`ChoiceGroup`].
#[derive(Clone, Copy)]
pub enum Chosen {
    /// One value: the choices are radio buttons.
    One(RwSignal<String>),
    /// Any number of values, in the order of the choices, which are checkboxes.
    Several(RwSignal<Vec<String>>),
}

impl From<RwSignal<String>> for Chosen {
    fn from(value: RwSignal<String>) -> Self {
        Self::One(value)
    }
}

impl From<RwSignal<Vec<String>>> for Chosen {
    fn from(values: RwSignal<Vec<String>>) -> Self {
        Self::Several(values)
    }
}

impl Chosen {
    const fn input_type(self) -> &'static str {
        match self {
            Self::One(_) => "radio",
            Self::Several(_) => "checkbox",
        }
    }

    /// Whether a value is chosen. Tracked.
    fn has(self, value: &str) -> bool {
        match self {
            Self::One(chosen) => chosen.with(|chosen| chosen == value),
            Self::Several(chosen) => chosen.with(|chosen| chosen.iter().any(|one| one == value)),
        }
    }

    /// Switches a choice on or off.
    fn switch(self, value: &str, on: bool, choices: Vec<Choice>) {
        match self {
            Self::One(chosen) => chosen.set(value.to_owned()),
            Self::Several(chosen) => {
                let before = chosen.get_untracked();
                let stays = |choice: &Choice| if choice.value == value { on } else { before.contains(&choice.value) };
                chosen.set(choices.into_iter().filter(stays).map(|choice| choice.value).collect());
            }
        }
    }
}

/// Radio buttons or checkboxes, all of them visible.
#[component]
pub fn ChoiceGroup(
    /// What it asks for.
    legend: &'static str,
    /// The field's name in the request.
    name: &'static str,
    /// What is chosen: a signal of one value or of several.
    #[prop(into)]
    chosen: Chosen,
    /// What can be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// How to choose.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Side by side, as small buttons.
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let id = field_id(name);
    let inputs = move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let (this, that) = (choice.value.clone(), choice.value.clone());
                let switch = move |event| chosen.switch(&that, event_target_checked(&event), choices.get_untracked());
                view! {
                    <label class="choice">
                        <input
                            type=chosen.input_type()
                            name=name
                            value=choice.value
                            prop:checked=move || chosen.has(&this)
                            on:change=switch
                        />
                        <span class="choice-text">
                            {choice.label}
                            {(!choice.hint.is_empty()).then(|| view! { <span class="choice-hint">{choice.hint}</span> })}
                        </span>
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
            <div class="choice-list">{inputs}</div>
            <FieldNotes id=id.clone() hint error />
        </fieldset>
    }
}
