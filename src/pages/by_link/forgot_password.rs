//! `/forgot-password`: asking for a link to set another password (R38).

use crate::prelude::*;
use api_types::MailService;

use super::Outside;
use crate::{
    api,
    components::{FormProblem, Link, LoadView},
    load::Load,
    mutation::{Mutation, invalid},
    routes::Route,
    ui::{Button, ButtonKind, InputKind, SkeletonLines, TextField, read_fields},
};

/// A form for the address, or whom to ask where this server sends no mail. What it says afterwards is the same for every
/// address.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let load = Load::once(api::people::mail_service);
    view! {
        <Outside>
            <div class="card">
                <h1>{t::password::forgot::title()}</h1>
                <LoadView load skeleton=|| view! { <SkeletonLines lines=4 /> } let:service>
                    <Ask service />
                </LoadView>
                <p class="after-form"><Link to=Route::SignIn>{t::password::forgot::back()}</Link></p>
            </div>
        </Outside>
    }
}

#[component]
fn Ask(service: Signal<MailService>) -> impl IntoView {
    let email = RwSignal::new(String::new());
    let asked = RwSignal::new(None::<String>);
    let mails = memo(move || service.with(|service| service.mails));
    let ask = Mutation::new(
        |email: String| async move {
            let service = api::people::forgot_password(email.clone()).await?;
            Ok((service, email))
        },
        move |(_, email): (MailService, String)| asked.set(Some(email)),
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let email = email.get_untracked().trim().to_owned();
        if email.contains('@') {
            ask.submit(email);
        } else {
            ask.refuse(vec![invalid("email", t::sign_in::email_missing())]);
        }
    };
    view! {
        <div role="status">
            {move || {
                asked
                    .get()
                    .map(|email| {
                        view! {
                            <p class="words">{t::password::forgot::asked(&email)}</p>
                            <p>{t::password::forgot::nothing_came()}</p>
                        }
                    })
            }}
        </div>
        <Show
            when=move || mails.get()
            fallback=|| {
                view! {
                    <p>{t::password::forgot::no_mail()}</p>
                    <p>{t::password::forgot::whom_to_ask()}</p>
                }
            }
        >
            <Show when=move || asked.with(Option::is_none)>
                <p>{t::password::forgot::intro()}</p>
                <form method="post" novalidate=true on:submit=submit on:input=move |event| ask.mend(&event)>
                    <FormProblem mutation=ask />
                    <TextField
                        label=t::sign_in::email()
                        name="email"
                        value=email
                        kind=InputKind::Email
                        autocomplete="username"
                        error=ask.field_error("email")
                    />
                    <Button kind=ButtonKind::Primary submit=true busy=ask.pending()>
                        {t::password::forgot::submit()}
                    </Button>
                </form>
            </Show>
        </Show>
    }
}
