//! `/properties/new`: a property to add.

use crate::prelude::*;
use api_types::{Language, Named, NewProperty, Property};

use crate::{
    api,
    components::{Card, FormProblem, Link, PageHeader, use_go, use_properties},
    intl,
    mutation::{Mutation, invalid},
    routes::Route,
    session::use_session,
    ui::{Button, ButtonKind, Choice, InputKind, SelectField, TextField, field_id, read_fields},
};

/// A form for a property. Its buildings, units and doors come next.
#[component]
pub fn PropertyNewPage() -> impl IntoView {
    let scope = use_properties();
    let session = use_session();
    let go = use_go();
    let text = || RwSignal::new(String::new());
    let (name, email, phone) = (text(), text(), text());
    let zone = RwSignal::new(intl::device_zone());
    let language = RwSignal::new(t::current().to_owned());
    let manage = RwSignal::new(true);
    let add = Mutation::with_key(
        "property.add",
        |new: NewProperty, key| async move { api::properties::add(&new, &key).await },
        move |added: Property| {
            scope.reload();
            // Whoever manages it as well has more to do from now on.
            session.look();
            go.to(Route::Layout(added.id));
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let given = |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|it| !it.is_empty());
        let mut errors = Vec::new();
        let Some(name) = given(name) else {
            add.refuse(vec![invalid("name", t::setting_up::property::name_missing())]);
            return;
        };
        let time_zone = zone.get_untracked().trim().to_owned();
        if !intl::knows_zone(&time_zone) {
            errors.push(invalid("time_zone", t::setting_up::property::zone_unknown()));
        }
        if errors.is_empty() {
            add.submit(NewProperty {
                name,
                time_zone,
                support_email: given(email),
                support_phone: given(phone),
                language: language.with_untracked(|code| Language::from_name(code)),
                manage: manage.get_untracked(),
            });
        } else {
            add.refuse(errors);
        }
    };
    view! {
        <p class="back"><Link to=Route::Properties>{t::setting_up::property::back()}</Link></p>
        <PageHeader title=t::setting_up::property::title() />
        <div class="stack narrow">
            <Card title=t::setting_up::property::card()>
                <form method="post" novalidate=true on:submit=submit on:input=move |event| add.mend(&event)>
                    <FormProblem mutation=add />
                    <TextField
                        label=t::setting_up::property::name()
                        name="name"
                        value=name
                        max_length=60
                        error=add.field_error("name")
                    />
                    <ZoneField value=zone error=add.field_error("time_zone") />
                    <TextField
                        label=t::setting_up::property::email()
                        name="support_email"
                        value=email
                        kind=InputKind::Email
                        hint=t::setting_up::property::contact_hint()
                        optional=true
                        error=add.field_error("support_email")
                    />
                    <TextField
                        label=t::setting_up::property::phone()
                        name="support_phone"
                        value=phone
                        max_length=60
                        optional=true
                        error=add.field_error("support_phone")
                    />
                    <LanguageField value=language error=add.field_error("language") />
                    <label class="choice">
                        <input
                            type="checkbox"
                            name="manage"
                            prop:checked=manage
                            on:change=move |event| manage.set(event_target_checked(&event))
                        />
                        <span class="choice-text">
                            {t::setting_up::property::manage()}
                            <span class="choice-hint">{t::setting_up::property::manage_hint()}</span>
                        </span>
                    </label>
                    <Button kind=ButtonKind::Primary submit=true busy=add.pending()>
                        {t::setting_up::property::submit()}
                    </Button>
                </form>
            </Card>
        </div>
    }
}

/// The language of a property's letters and sheets.
#[component]
pub(super) fn LanguageField(
    /// Its code.
    value: RwSignal<String>,
    error: Signal<Option<String>>,
    /// Whether none may be chosen.
    #[prop(optional)]
    or_none: bool,
) -> impl IntoView {
    let none = or_none.then(|| Choice::new("", t::setting_up::settings::no_language()));
    let languages = t::LANGUAGES.into_iter().map(|(tag, name)| Choice::new(tag, name));
    let choices: Vec<Choice> = none.into_iter().chain(languages).collect();
    view! {
        <SelectField
            label=t::setting_up::property::language()
            name="language"
            value
            choices=derived(move || choices.clone())
            hint=t::setting_up::property::language_hint()
            error
        />
    }
}

/// A time zone by its IANA name, with the browser's as the first guess and all that it knows to choose from.
#[component]
fn ZoneField(value: RwSignal<String>, error: Signal<Option<String>>) -> impl IntoView {
    let id = field_id("time_zone");
    view! {
        <div class="field" class:invalid=move || error.with(Option::is_some)>
            <label for=id.clone()>{t::setting_up::property::zone()}</label>
            <input
                id=id
                name="time_zone"
                type="text"
                list="time-zones"
                autocomplete="off"
                aria-required="true"
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby="time-zone-notes"
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
            <datalist id="time-zones">
                {intl::all_zones().into_iter().map(|zone| view! { <option value=zone></option> }).collect_view()}
            </datalist>
            <div id="time-zone-notes">
                <p class="field-hint">{t::setting_up::property::zone_hint()}</p>
                {move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}
            </div>
        </div>
    }
}
