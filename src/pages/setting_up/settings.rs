//! `/properties/{property}/settings`: what is set for a property, except for custom codes, which have their switch on the
//! overview.

use crate::prelude::*;
use api_types::{Language, Named, Property, PropertyEdit};
use ids::PropertyId;

use super::property::LanguageField;
use crate::{
    api::{self, ApiError, Tagged},
    components::{Card, FormProblem, Link, LoadView, PageHeader, use_properties},
    load::Load,
    location::ask_before_leaving,
    mutation::{Mutation, invalid},
    routes::Route,
    ui::{Button, ButtonKind, InputKind, SkeletonLines, TextField, read_fields, use_toasts},
};

/// The most guest codes that a unit may be allowed.
const MAX_GUEST_CODES: u32 = 1_000;

/// The longest time before a window begins at which guest codes may be sent, in minutes (R44).
const MAX_LEAD: u32 = 120;

/// The property's name, whom residents turn to, and what guest codes may do.
#[component]
pub fn PropertySettingsPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let load = Load::once(move || api::properties::get(property));
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    let again = Callback::new(move |()| load.reload());
    view! {
        <p class="back"><Link to=Route::Property(property)>{t::setting_up::layout::back()}</Link></p>
        <PageHeader title=t::setting_up::settings::title() facts=name />
        <div class="stack narrow">
            <LoadView load skeleton=|| view! { <div class="card"><SkeletonLines lines=8 /></div> } let:read>
                <Form property=read on_stale=again />
                <MySummary property=read />
            </LoadView>
        </div>
    }
}

#[component]
fn Form(property: Signal<Tagged<Property>>, on_stale: Callback<()>) -> impl IntoView {
    let (scope, toasts) = (use_properties(), use_toasts());
    let id = property.with_untracked(|read| read.value.id);
    let text = || RwSignal::new(String::new());
    let (name, email, phone, most, lead) = (text(), text(), text(), text(), text());
    let (summary, language) = (text(), text());
    let none_chosen = property.with_untracked(|read| read.value.language.is_none());
    let deliveries = RwSignal::new(false);
    let saved = RwSignal::new(None::<Tagged<Property>>);
    // What was read, or saved since; whoever saved in between has changed the fields too.
    effect(move || saved.set(Some(property.get())));
    effect(move || {
        let Some(Tagged { value, .. }) = saved.get() else { return };
        name.set(value.name);
        email.set(value.support_email.unwrap_or_default());
        phone.set(value.support_phone.unwrap_or_default());
        most.set(value.guest_codes_per_unit.to_string());
        lead.set(value.guest_code_lead_minutes.to_string());
        summary.set(value.summary_at.unwrap_or_default());
        language.set(value.language.map(|language| language.name().to_owned()).unwrap_or_default());
        deliveries.set(value.delivery_opens_unit_doors);
    });
    let edited = move |before: &Property| {
        let changed =
            |text: RwSignal<String>, was: &str| text.with(|text| (text.trim() != was).then(|| text.trim().to_owned()));
        let number = |text: RwSignal<String>, was: u32| {
            text.with(|text| text.trim().parse().ok()).filter(|number| *number != was)
        };
        PropertyEdit {
            name: changed(name, &before.name),
            support_email: changed(email, before.support_email.as_deref().unwrap_or_default()),
            support_phone: changed(phone, before.support_phone.as_deref().unwrap_or_default()),
            guest_codes_per_unit: number(most, before.guest_codes_per_unit),
            guest_code_lead_minutes: number(lead, before.guest_code_lead_minutes),
            summary_at: changed(summary, before.summary_at.as_deref().unwrap_or_default()),
            language: language
                .with(|code| Language::from_name(code))
                .filter(|language| before.language != Some((*language).into())),
            delivery_opens_unit_doors: Some(deliveries.get()).filter(|it| *it != before.delivery_opens_unit_doors),
            ..PropertyEdit::default()
        }
    };
    let unsaved = memo(move || {
        saved.with(|saved| saved.as_ref().is_some_and(|saved| edited(&saved.value) != PropertyEdit::default()))
    });
    ask_before_leaving(unsaved.into());
    let save = Mutation::new(
        move |(edit, etag)| async move { api::properties::edit(id, &edit, Option::as_ref(&etag)).await },
        move |answer: Tagged<Property>| {
            scope.update((&answer.value).into());
            saved.set(Some(answer));
            toasts.done(t::setting_up::settings::saved());
        },
    );
    effect(move || {
        if save.error().with(|error| error.as_ref().is_some_and(ApiError::is_stale)) {
            on_stale.run(());
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let mut errors = Vec::new();
        if name.with_untracked(|name| name.trim().is_empty()) {
            errors.push(invalid("name", t::setting_up::property::name_missing()));
        }
        let within = |text: RwSignal<String>, most: u32| {
            text.with_untracked(|text| text.trim().parse::<u32>().is_ok_and(|number| number <= most))
        };
        if !within(most, MAX_GUEST_CODES) {
            errors.push(invalid("guest_codes_per_unit", t::setting_up::settings::guest_codes_wrong()));
        }
        if !within(lead, MAX_LEAD) {
            errors.push(invalid("guest_code_lead_minutes", t::setting_up::settings::lead_wrong()));
        }
        let Some(Tagged { value, etag }) = saved.get_untracked() else { return };
        if !errors.is_empty() {
            save.refuse(errors);
        } else if unsaved.get_untracked() {
            save.submit((untrack(|| edited(&value)), etag));
        } else {
            // Nothing is to be saved, and that is so already.
            toasts.done(t::setting_up::settings::saved());
        }
    };
    view! {
        <form method="post" novalidate=true class="stack" on:submit=submit on:input=move |event| save.mend(&event)>
            <FormProblem mutation=save />
            <Card title=t::setting_up::property::card()>
                <TextField
                    label=t::setting_up::property::name()
                    name="name"
                    value=name
                    max_length=60
                    error=save.field_error("name")
                />
                <TextField
                    label=t::setting_up::property::email()
                    name="support_email"
                    value=email
                    kind=InputKind::Email
                    hint=t::setting_up::property::contact_hint()
                    optional=true
                    error=save.field_error("support_email")
                />
                <TextField
                    label=t::setting_up::property::phone()
                    name="support_phone"
                    value=phone
                    max_length=60
                    optional=true
                    error=save.field_error("support_phone")
                />
                <LanguageField value=language error=save.field_error("language") or_none=none_chosen />
            </Card>
            <Card title=t::setting_up::settings::guests()>
                <TextField
                    label=t::setting_up::settings::guest_codes()
                    name="guest_codes_per_unit"
                    value=most
                    kind=InputKind::Digits
                    max_length=4
                    hint=t::setting_up::settings::guest_codes_hint()
                    error=save.field_error("guest_codes_per_unit")
                />
                <TextField
                    label=t::setting_up::settings::lead()
                    name="guest_code_lead_minutes"
                    value=lead
                    kind=InputKind::Digits
                    max_length=3
                    hint=t::setting_up::settings::lead_hint()
                    error=save.field_error("guest_code_lead_minutes")
                />
                <label class="choice">
                    <input
                        type="checkbox"
                        name="delivery_opens_unit_doors"
                        prop:checked=deliveries
                        on:change=move |event| deliveries.set(event_target_checked(&event))
                    />
                    <span class="choice-text">
                        {t::setting_up::settings::deliveries()}
                        <span class="choice-hint">{t::setting_up::settings::deliveries_hint()}</span>
                    </span>
                </label>
            </Card>
            <Card title=t::setting_up::settings::summary()>
                <TextField
                    label=t::setting_up::settings::summary_at()
                    name="summary_at"
                    value=summary
                    kind=InputKind::Time
                    hint=t::setting_up::settings::summary_hint()
                    optional=true
                    error=save.field_error("summary_at")
                />
                <NoMail />
            </Card>
            <div class="row">
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                    {t::setting_up::settings::submit()}
                </Button>
            </div>
        </form>
    }
}

/// Says so where this server sends no mail.
#[component]
fn NoMail() -> impl IntoView {
    let load = Load::once(api::people::mail_health);
    let none = memo(move || load.with(|health| health.is_some_and(|health| !health.mails)));
    view! {
        <Show when=move || none.get()>
            <p class="second small">{t::setting_up::settings::summary_no_mail()}</p>
        </Show>
    }
}

/// Whether the manager who is signed in gets the daily summary; nothing for who isn't one.
#[component]
fn MySummary(property: Signal<Tagged<Property>>) -> impl IntoView {
    let toasts = use_toasts();
    let (id, before) = property.with_untracked(|read| (read.value.id, read.value.summary_for_me));
    let wanted = RwSignal::new(before == Some(true));
    let choose = Mutation::new(
        move |choice: bool| async move { api::properties::choose_summary(id, choice).await.map(|()| choice) },
        move |choice| {
            wanted.set(choice);
            toasts.done(t::setting_up::settings::saved());
        },
    );
    effect(move || {
        // As it still is.
        if choose.error().with(Option::is_some) {
            wanted.update(|wanted| *wanted = !*wanted);
        }
    });
    before.is_some().then(|| {
        view! {
            <Card title=t::setting_up::settings::summary_yours()>
                <FormProblem mutation=choose />
                <label class="choice">
                    <input
                        type="checkbox"
                        name="summary_for_me"
                        prop:checked=wanted
                        on:change=move |event| {
                            let choice = event_target_checked(&event);
                            wanted.set(choice);
                            choose.submit(choice);
                        }
                    />
                    <span class="choice-text">
                        {t::setting_up::settings::summary_mine()}
                        <span class="choice-hint">{t::setting_up::settings::summary_mine_hint()}</span>
                    </span>
                </label>
            </Card>
        }
    })
}
