//! `/sign-in`

use crate::prelude::*;

use super::passkey_button;
use crate::{
    components::{LanguageChoice, Link, ThemeChoice, use_go},
    forms::SignInForm,
    query::use_query_params,
    routes::Route,
    session::{Session, use_session},
    ui::{Icon, IconView},
};

/// The sign-in form, without a frame. Somebody who is already signed in is redirected at once.
#[component]
pub fn SignInPage() -> impl IntoView {
    let session = use_session();
    let go = use_go();
    let to = use_query_params().param("to");
    effect(move || {
        if matches!(session.get(), Session::SignedIn(_)) {
            go.replace(&back_to(&to.get_untracked()));
        }
    });
    let done = Callback::new(move |signed_in| session.set(Session::SignedIn(signed_in)));
    view! {
        <div class="sign-in">
            <p class="brand">
                <IconView icon=Icon::Key />
                <span>"Latchkey"</span>
            </p>
            <div class="card">
                <h1>{t::sign_in::title()}</h1>
                <SignInForm on_done=done />
                {passkey_button(done)}
                <p class="after-form"><Link to=Route::ForgotPassword>{t::sign_in::forgot()}</Link></p>
            </div>
            <ThemeChoice />
            <LanguageChoice />
        </div>
    }
}

/// Where to go after signing in: a page of the console, never another site.
pub fn back_to(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let safe = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
    match Route::parse(path) {
        Some(route) if safe && route != Route::SignIn => address.to_owned(),
        _ => Route::Home.path(),
    }
}
