//! `/invitation#…`: somebody who was invited makes a password of their own.

use crate::prelude::*;
use api_types::{Invitation, InvitationAcceptance, Session as SessionAnswer};

use super::{check_password, secret};
use crate::{
    api,
    components::{FormProblem, LanguageChoice, LoadView, PageHeader, ProblemView, use_go},
    load::{Load, Stage},
    mutation::Mutation,
    routes::Route,
    session::{Session, use_session},
    ui::{Button, ButtonKind, Icon, IconView, InputKind, SkeletonLines, TextField, read_fields},
};

/// Whom the invitation is for, and the password that they sign in with from now on.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let load = Load::once(|| api::people::open_invitation(secret()));
    let failed = memo(move || match load.stage().get() {
        Stage::Failed(error) => Some(error),
        _ => None,
    });
    let again = Callback::new(move |()| load.reload());
    // Another link was pasted over this one.
    let other = window_event_listener_untyped("hashchange", |_| {
        // Fails only while the page is being left.
        let _ = window().location().reload();
    });
    on_cleanup(move || other.remove());
    view! {
        <div class="sign-in">
            <p class="brand">
                <IconView icon=Icon::Key />
                <span>"Latchkey"</span>
            </p>
            {move || match failed.get() {
                Some(error) if error.is_not_found() => {
                    view! {
                        <div class="card">
                            <PageHeader title=t::setting_up::invitation::over() />
                            <p role="status">{t::setting_up::invitation::over_hint()}</p>
                        </div>
                    }
                        .into_any()
                }
                Some(error) => view! { <ProblemView error on_retry=again /> }.into_any(),
                None => {
                    view! {
                        <LoadView load skeleton=|| view! { <SkeletonLines lines=6 /> } let:invitation>
                            <Accept invitation />
                        </LoadView>
                    }
                        .into_any()
                }
            }}
            <LanguageChoice />
        </div>
    }
}

#[component]
fn Accept(invitation: Signal<Invitation>) -> impl IntoView {
    let session = use_session();
    let go = use_go();
    let password = RwSignal::new(String::new());
    let Invitation { name, email, .. } = invitation.get_untracked();
    // Signing in as the one who was invited ends whatever session this browser had.
    let other = session.user().map(|user| user.name);
    let accept = Mutation::new(
        |password: String| async move {
            let request = InvitationAcceptance { token: secret(), password: password.clone() };
            let accepted = api::people::accept_invitation(request.token, request.password).await?;
            api::session::sign_in(accepted.email, password).await
        },
        move |signed_in: SessionAnswer| {
            password.set(String::new());
            session.set(Session::SignedIn(signed_in));
            go.replace(&Route::Home.path());
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let password = password.get_untracked();
        match check_password(&password) {
            Some(error) => accept.refuse(vec![error]),
            None => accept.submit(password),
        }
    };
    // Password managers keep the password with this address.
    let username = RwSignal::new(email.clone());
    view! {
        <div class="card">
            <h1>{t::setting_up::invitation::title(&name)}</h1>
            <p>{t::setting_up::invitation::intro(&email)}</p>
            {other.map(|other| view! { <p class="second">{t::setting_up::invitation::other(&other)}</p> })}
            <form method="post" novalidate=true on:submit=submit on:input=move |event| accept.mend(&event)>
                <FormProblem mutation=accept />
                <input type="email" name="username" autocomplete="username" hidden=true prop:value=username />
                <TextField
                    label=t::setting_up::new_password()
                    name="password"
                    value=password
                    kind=InputKind::Password
                    hint=t::setting_up::password_hint()
                    autocomplete="new-password"
                    error=accept.field_error("password")
                />
                <Button kind=ButtonKind::Primary submit=true busy=accept.pending()>
                    {t::setting_up::invitation::submit()}
                </Button>
            </form>
        </div>
    }
}
