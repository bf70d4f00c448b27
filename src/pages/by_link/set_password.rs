//! Setting a password by a link, and signing in with it.

use crate::prelude::*;
use api_types::{Invitation, Session as SessionAnswer};

use super::{NewPasswordField, check_password, secret};
use crate::{
    api,
    components::{FormProblem, use_go},
    mutation::Mutation,
    routes::Route,
    session::{Session, use_session},
    ui::{Button, ButtonKind, Icon, read_fields},
};

/// Whose link it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody's who was invited.
    Invitation,
    /// Somebody's who forgot their password.
    Reset,
}

/// The form for the password that the person signs in with from now on.
#[component]
pub fn SetPassword(
    /// Whose it is.
    invitation: Signal<Invitation>,
    /// What it is for.
    kind: Kind,
) -> impl IntoView {
    let session = use_session();
    let go = use_go();
    let password = RwSignal::new(String::new());
    let Invitation { name, email, passkeys, .. } = invitation.get_untracked();
    // Signing in as the one whose link it is ends whatever session this browser had.
    let other = session.user().map(|user| user.name).filter(|other| *other != name);
    let set = Mutation::new(
        move |password: String| async move {
            let done = match kind {
                Kind::Invitation => api::people::accept_invitation(secret(), password.clone()).await?,
                Kind::Reset => api::people::reset_password(secret(), password.clone()).await?,
            };
            api::session::sign_in(done.email, password).await
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
            Some(error) => set.refuse(vec![error]),
            None => set.submit(password),
        }
    };
    let (title, intro) = match kind {
        Kind::Invitation => (t::setting_up::invitation::title(&name), t::setting_up::invitation::intro(&email)),
        Kind::Reset => (t::password::reset::title(&name), t::password::reset::intro(&email)),
    };
    // Password managers keep the password with this address.
    let username = RwSignal::new(email);
    view! {
        <div class="card">
            <h1>{title}</h1>
            <p>{intro}</p>
            {other.map(|other| view! { <p class="second">{t::setting_up::invitation::other(&other)}</p> })}
            <form method="post" novalidate=true on:submit=submit on:input=move |event| set.mend(&event)>
                <FormProblem mutation=set />
                <input type="email" name="username" autocomplete="username" hidden=true prop:value=username />
                <NewPasswordField
                    label=t::setting_up::new_password()
                    value=password
                    error=set.field_error("password")
                />
                <Button kind=ButtonKind::Primary submit=true busy=set.pending()>
                    {t::setting_up::invitation::submit()}
                </Button>
            </form>
            {(passkeys && api::passkeys::known()).then(|| view! { <PasskeyInstead kind /> })}
        </div>
    }
}

/// A passkey instead of the password, with which the person then signs in.
#[component]
fn PasskeyInstead(kind: Kind) -> impl IntoView {
    let session = use_session();
    let go = use_go();
    let choose = Mutation::new(
        move |()| async move {
            let link = match kind {
                Kind::Invitation => "/invitations",
                Kind::Reset => "/password",
            };
            api::passkeys::by_link(link, secret(), t::password::passkey::name()).await?;
            // It is theirs now, whether or not they use it at once.
            Ok(api::passkeys::sign_in().await.ok())
        },
        move |signed_in: Option<SessionAnswer>| match signed_in {
            Some(signed_in) => {
                session.set(Session::SignedIn(signed_in));
                go.replace(&Route::Home.path());
            }
            None => go.replace(&Route::SignIn.path()),
        },
    );
    view! {
        <div class="after-form">
            <p class="second">{t::password::passkey::instead()}</p>
            <FormProblem mutation=choose />
            <Button icon=Icon::Key busy=choose.pending() on_press=Callback::new(move |()| choose.submit(()))>
                {t::password::passkey::choose()}
            </Button>
        </div>
    }
}
