//! `/set-up#…`: the first administrator, by the link that the program prints.

use crate::prelude::*;
use api_types::{Session as SessionAnswer, SetUp};

use crate::{
    api,
    components::{FormProblem, use_go},
    mutation::{Mutation, invalid},
    pages::by_link::{NewPasswordField, Outside, check_password, secret},
    routes::Route,
    session::{Session, use_session},
    ui::{Button, ButtonKind, InputKind, TextField, read_fields},
};

/// A form for the first administrator, who is signed in with it.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let session = use_session();
    let go = use_go();
    let (name, email, password) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let set_up = Mutation::new(api::people::set_up, move |signed_in: SessionAnswer| {
        password.set(String::new());
        session.set(Session::SignedIn(signed_in));
        go.replace(&Route::PropertyNew.path());
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let mut errors = Vec::new();
        if name.with_untracked(|name| name.trim().is_empty()) {
            errors.push(invalid("name", t::setting_up::name_missing()));
        }
        if email.with_untracked(|email| !email.contains('@')) {
            errors.push(invalid("email", t::sign_in::email_missing()));
        }
        errors.extend(password.with_untracked(|password| check_password(password)));
        if errors.is_empty() {
            set_up.submit(SetUp {
                token: secret(),
                name: name.get_untracked(),
                email: email.get_untracked(),
                password: password.get_untracked(),
            });
        } else {
            set_up.refuse(errors);
        }
    };
    view! {
        <Outside>
            <div class="card">
                <h1>{t::setting_up::first::title()}</h1>
                <p>{t::setting_up::first::intro()}</p>
                <form method="post" novalidate=true on:submit=submit on:input=move |event| set_up.mend(&event)>
                    <FormProblem mutation=set_up />
                    <TextField
                        label=t::setting_up::name()
                        name="name"
                        value=name
                        autocomplete="name"
                        max_length=120
                        error=set_up.field_error("name")
                    />
                    <TextField
                        label=t::sign_in::email()
                        name="email"
                        value=email
                        kind=InputKind::Email
                        autocomplete="username"
                        error=set_up.field_error("email")
                    />
                    <NewPasswordField
                        label=t::sign_in::password()
                        value=password
                        error=set_up.field_error("password")
                    />
                    <Button kind=ButtonKind::Primary submit=true busy=set_up.pending()>
                        {t::setting_up::first::submit()}
                    </Button>
                </form>
            </div>
        </Outside>
    }
}
