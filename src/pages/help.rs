//! `/help`: answers to common questions about codes.

use crate::prelude::*;
use access_code::{APP_STEPS, MIN_APP_VERSION};
use api_types::{PropertyName, Role};

use crate::{
    api,
    components::{Card, Link, PageHeader, contact},
    load::Load,
    routes::Route,
    session::use_session,
};

/// Questions and answers, and whom to contact.
#[component]
pub fn HelpPage() -> impl IntoView {
    let session = use_session();
    let resident = session.is(Role::Resident);
    let version = || MIN_APP_VERSION.to_string();
    let [before_see, see, after_see] = t::help::own::no_option::see();
    let [before_check, check, after_check] = t::help::own::digits::check();
    view! {
        <PageHeader title=t::help::title() facts=t::help::facts />
        <div class="stack wide">
            <Card title=t::help::own::title()>
                <Question asks=t::help::own::pick::asks()>
                    <p>{t::help::own::pick::answer(&APP_STEPS.join(" → "), &version())}</p>
                </Question>
                <Question asks=t::help::own::not_here::asks()>
                    <p>{t::help::own::not_here::answer()}</p>
                </Question>
                <Question asks=t::help::own::no_option::asks()>
                    <p>{t::help::own::no_option::answer(&version())}</p>
                    {resident.then(|| view! { <p>{before_see} <Link to=Route::MyAccess>{see}</Link> {after_see}</p> })}
                </Question>
                <Question asks=t::help::own::digits::asks()>
                    <p>{t::help::own::digits::answer()}</p>
                    {resident
                        .then(|| view! { <p>{before_check} <Link to=Route::CheckCode>{check}</Link> {after_check}</p> })}
                </Question>
                <Question asks=t::help::own::error::asks()>
                    <p>{t::help::own::error::answer()}</p>
                </Question>
                <Question asks=t::help::own::must::asks()>
                    <p>{t::help::own::must::answer()}</p>
                </Question>
                <Question asks=t::help::own::same::asks()>
                    <p>{t::help::own::same::answer()}</p>
                </Question>
                <Question asks=t::help::own::again::asks()>
                    <p>{t::help::own::again::answer()}</p>
                </Question>
            </Card>
            <Card title=t::help::others::title()>
                <Question asks=t::help::others::guest::asks()>
                    <p>{t::help::others::guest::answer()}</p>
                </Question>
                <Question asks=t::help::others::amenity::asks()>
                    <p>{t::help::others::amenity::answer()}</p>
                </Question>
                <Question asks=t::help::others::revoked::asks()>
                    <p>{t::help::others::revoked::answer(t::lock::status::being_removed())}</p>
                </Question>
            </Card>
            <Card title=t::help::ask::title()>
                <p>{t::help::ask::whom()}</p>
                {resident.then(|| view! { <Contacts /> })}
                <p class="second">{t::help::ask::quote()}</p>
            </Card>
        </div>
    }
}

/// Whom to turn to where the resident lives.
#[component]
fn Contacts() -> impl IntoView {
    let load = Load::once(|| api::me::access(String::new()));
    move || {
        load.with(|access| {
            let tenancies = access.map(|access| access.tenancies.clone()).unwrap_or_default();
            let mut places: Vec<PropertyName> = Vec::new();
            for tenancy in tenancies {
                if !places.contains(&tenancy.property) {
                    places.push(tenancy.property);
                }
            }
            let several = places.len() > 1;
            places
                .into_iter()
                .map(|place| {
                    let name = several.then(|| view! { <p><strong>{place.name}</strong></p> });
                    view! { {name} {contact(place.support_email, place.support_phone)} }
                })
                .collect_view()
        })
    }
}

#[component]
fn Question(asks: &'static str, children: Children) -> impl IntoView {
    view! {
        <details class="question">
            <summary>{asks}</summary>
            {children()}
        </details>
    }
}
