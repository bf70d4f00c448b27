//! `/settings`: sessions, how one signs in, and preferences on this device.

use crate::prelude::*;
use api_types::{ChannelKind, EndedSessions, MyPasskeys, MySession, MySessions};
use ids::SessionId;

use super::passkeys::Passkeys;
use crate::{
    api,
    components::{Card, FormProblem, KeysChoice, LanguageChoice, LoadView, PageHeader, ThemeChoice, use_go},
    intl::{self, Style},
    load::Load,
    mutation::{Mutation, invalid},
    routes::Route,
    session::use_session,
    ui::{
        Button, ButtonKind, Icon, IconView, InputKind, Pill, SkeletonLines, TextField, Time, TimeStyle, Tone,
        read_fields, use_toasts,
    },
};

/// The person's sessions, theme, language and keyboard shortcuts.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let facts = move || t::settings::times(&intl::zone_label(&intl::device_zone(), intl::now_ms()));
    let passkeys = Load::once(api::passkeys::list);
    view! {
        <PageHeader title=t::settings::title() facts />
        <div class="stack wide">
            <Sessions />
            <Passkeys load=passkeys />
            <Address passkeys />
            <Card title=t::settings::this_device()>
                <div class="stack">
                    <ThemeChoice />
                    <LanguageChoice />
                    <KeysChoice />
                </div>
            </Card>
        </div>
    }
}

/// The address that one signs in with, and changing it (R38).
#[component]
fn Address(passkeys: Load<MyPasskeys>) -> impl IntoView {
    let session = use_session();
    let has_password = memo(move || passkeys.with(|mine| mine.is_none_or(|mine| mine.has_password)));
    let text = || RwSignal::new(String::new());
    let (email, password, sent) = (text(), text(), text());
    let change = Mutation::new(
        |(email, password): (String, String)| async move {
            api::me::change_address(email.clone(), password).await?;
            Ok(email)
        },
        move |to: String| {
            email.set(String::new());
            password.set(String::new());
            sent.set(to);
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        sent.set(String::new());
        let (email, password) = (email.get_untracked().trim().to_owned(), password.get_untracked());
        let mut errors = Vec::new();
        if !email.contains('@') {
            errors.push(invalid("email", t::sign_in::email_missing()));
        }
        if password.is_empty() && has_password.get_untracked() {
            errors.push(invalid("password", t::sign_in::password_missing()));
        }
        if errors.is_empty() {
            change.submit((email, password));
        } else {
            change.refuse(errors);
        }
    };
    let now = session.user().map(|user| t::settings::address::now(&user.email));
    view! {
        <Card title=t::settings::address::title()>
            <p class="words">{now}</p>
            <p class="second">{t::settings::address::hint()}</p>
            <div role="status">
                {move || sent.with(|to| (!to.is_empty()).then(|| view! { <p class="words">{t::settings::address::sent(to)}</p> }))}
            </div>
            <form method="post" novalidate=true on:submit=submit on:input=move |event| change.mend(&event)>
                <FormProblem mutation=change />
                <TextField
                    label=t::settings::address::new()
                    name="email"
                    value=email
                    kind=InputKind::Email
                    autocomplete="email"
                    error=change.field_error("email")
                />
                <Show when=move || has_password.get()>
                    <TextField
                        label=t::settings::address::password()
                        name="password"
                        value=password
                        kind=InputKind::Password
                        autocomplete="current-password"
                        error=change.field_error("password")
                    />
                </Show>
                <Button submit=true busy=change.pending()>{t::settings::address::submit()}</Button>
            </form>
        </Card>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let (session, go, toasts) = (use_session(), use_go(), use_toasts());
    let load = Load::once(api::me::sessions);
    let end = Mutation::new(api::me::end_session, move |()| {
        toasts.done(t::settings::ended());
        load.reload();
    });
    let end_others = Mutation::new(
        |()| api::me::end_other_sessions(),
        move |done: EndedSessions| {
            toasts.done(t::settings::ended_others(done.ended));
            load.reload();
        },
    );
    let leave = Mutation::new(
        |()| api::session::sign_out(),
        move |()| {
            session.end();
            go.replace(&Route::SignIn.path());
        },
    );
    let several = memo(move || load.with(|all| all.is_some_and(|all| all.items.len() > 1)));
    let ask =
        Callback::new(move |(id, current): (SessionId, bool)| if current { leave.submit(()) } else { end.submit(id) });
    view! {
        <Card title=t::settings::sessions()>
            <p class="second">{t::settings::sessions_hint()}</p>
            <FormProblem mutation=end />
            <FormProblem mutation=end_others />
            <FormProblem mutation=leave />
            <LoadView load skeleton=|| view! { <SkeletonLines lines=4 /> } let:all>
                <ul class="plain-list sessions">
                    <For each=move || all.with(|all: &MySessions| all.items.clone()) key=key let(one)>
                        <OneSession one ask />
                    </For>
                </ul>
            </LoadView>
            <Show when=move || several.get()>
                <p>
                    <Button
                        kind=ButtonKind::Danger
                        busy=end_others.pending()
                        on_press=Callback::new(move |()| end_others.submit(()))
                    >
                        {t::settings::end_others()}
                    </Button>
                </p>
            </Show>
        </Card>
    }
}

/// Everything that can change in a row.
fn key(one: &MySession) -> (SessionId, String) {
    (one.id, one.last_seen_at.0.clone())
}

#[component]
fn OneSession(one: MySession, ask: Callback<(SessionId, bool)>) -> impl IntoView {
    let zone = intl::device_zone();
    let what = match (one.channel.kind, one.browser) {
        (ChannelKind::Mobile, _) => t::settings::app(one.channel.app_version.as_deref().unwrap_or_default()),
        (_, Some(browser)) => browser,
        (_, None) => t::settings::unknown_browser().to_owned(),
    };
    let icon = if one.channel.kind == ChannelKind::Mobile { Icon::Phone } else { Icon::Monitor };
    let of = [": ", &what].concat();
    let (id, current) = (one.id, one.current);
    let end = if current { t::settings::sign_out() } else { t::settings::end() };
    view! {
        <li class="row session">
            <IconView icon />
            <div class="grow">
                <p class="row">
                    <strong>{what}</strong>
                    {current.then(|| view! { <Pill tone=Tone::Good icon=Icon::Check>{t::settings::current()}</Pill> })}
                </p>
                <p class="second small">
                    {t::settings::since()} " " <Time at=one.created_at.0 zone=zone.clone() style=TimeStyle::In(Style::DateTime) />
                    " · "
                    {t::settings::last_seen()} " " <Time at=one.last_seen_at.0 zone />
                </p>
            </div>
            <Button on_press=Callback::new(move |()| ask.run((id, current)))>
                {end}<span class="visually-hidden">{of}</span>
            </Button>
        </li>
    }
}
