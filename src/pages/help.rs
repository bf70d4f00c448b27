//! `/help`: answers to common questions about codes.

use crate::prelude::*;
use access_code::{APP_STEPS, MIN_APP_VERSION};
use api_types::Role;

use crate::{
    components::{Card, Link, PageHeader},
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
                <p class="second">{t::help::ask::quote()}</p>
            </Card>
        </div>
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
