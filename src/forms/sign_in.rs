//! Signing in.

use crate::prelude::*;
use api_types::Session;

use crate::{
    api::{self, ApiError},
    components::FormProblem,
    mutation::{Mutation, invalid},
    ui::{Button, ButtonKind, InputKind, TextField, read_fields},
};

/// Email and password. After a refusal the email stays, and the password is cleared.
#[component]
pub fn SignInForm(
    /// The email address to start with.
    #[prop(optional, into)]
    email: String,
    /// Called with the new session.
    #[prop(into)]
    on_done: Callback<Session>,
) -> impl IntoView {
    let email = RwSignal::new(email);
    let password = RwSignal::new(String::new());
    let sign_in = Mutation::new(
        |(email, password)| api::session::sign_in(email, password),
        move |session| {
            password.set(String::new());
            on_done.run(session);
        },
    );
    effect(move || {
        let refused = |error: &ApiError| matches!(error, ApiError::Problem(_) | ApiError::CookieNotKept);
        if sign_in.error().with(|error| error.as_ref().is_some_and(refused)) {
            password.set(String::new());
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let (email, password) = (email.get_untracked().trim().to_owned(), password.get_untracked());
        let mut errors = Vec::new();
        if !email.contains('@') {
            errors.push(invalid("email", t::sign_in::email_missing()));
        }
        if password.is_empty() {
            errors.push(invalid("password", t::sign_in::password_missing()));
        }
        if errors.is_empty() {
            sign_in.submit((email, password));
        } else {
            sign_in.refuse(errors);
        }
    };
    view! {
        // `method` and `action` matter only before the console runs: never a password in an address.
        <form method="post" novalidate=true on:submit=submit on:input=move |event| sign_in.mend(&event)>
            <FormProblem mutation=sign_in />
            <TextField
                label=t::sign_in::email()
                name="email"
                value=email
                kind=InputKind::Email
                autocomplete="username"
                error=sign_in.field_error("email")
            />
            <TextField
                label=t::sign_in::password()
                name="password"
                value=password
                kind=InputKind::Password
                autocomplete="current-password"
                error=sign_in.field_error("password")
            />
            <Button kind=ButtonKind::Primary submit=true busy=sign_in.pending()>
                {t::sign_in::submit()}
            </Button>
        </form>
    }
}
