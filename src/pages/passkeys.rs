//! One's own passkeys, in the settings: adding, renaming and removing them, and removing the password.

use crate::prelude::*;
use api_types::{MyPasskey, MyPasskeys, Role};
use ids::PasskeyId;

use crate::{
    api,
    components::{Card, FormProblem, LoadView},
    intl,
    load::Load,
    mutation::{Mutation, invalid},
    session::use_session,
    ui::{
        Button, ButtonKind, ConfirmDialog, Dialog, Icon, IconView, InputKind, SkeletonLines, TextField, Time,
        read_fields, use_toasts,
    },
};

/// The longest name of a passkey, in characters.
const MAX_NAME: u32 = 60;

/// The passkeys of the person, and their password if they still have one.
#[component]
pub fn Passkeys(
    /// How the person signs in, which other parts of the page show too.
    load: Load<MyPasskeys>,
) -> impl IntoView {
    let (removing, renaming) = (RwSignal::new(None::<MyPasskey>), RwSignal::new(None::<MyPasskey>));
    view! {
        <Card title=t::settings::passkeys::title()>
            <p class="second">{t::settings::passkeys::about()}</p>
            <LoadView load skeleton=|| view! { <SkeletonLines lines=2 /> } let:mine>
                <ul class="plain-list sessions">
                    <For each=move || mine.with(|mine: &MyPasskeys| mine.items.clone()) key=key let(passkey)>
                        <OnePasskey passkey removing renaming />
                    </For>
                </ul>
                {move || mine.with(|mine| mine.items.is_empty()).then(|| view! { <p>{t::settings::passkeys::none()}</p> })}
                <div class="row">
                    {move || {
                        if mine.with(|mine| mine.possible) && api::passkeys::known() {
                            view! { <Add load mine /> }.into_any()
                        } else {
                            view! { <p class="second">{t::settings::passkeys::not_here()}</p> }.into_any()
                        }
                    }}
                    <Password load mine />
                </div>
                <Rename load renaming />
                <Remove load mine removing />
            </LoadView>
        </Card>
    }
}

/// Everything that can change in a row.
fn key(passkey: &MyPasskey) -> (PasskeyId, String, Option<String>) {
    (passkey.id, passkey.name.clone(), passkey.last_used_at.as_ref().map(|at| at.0.clone()))
}

#[component]
fn OnePasskey(
    passkey: MyPasskey,
    removing: RwSignal<Option<MyPasskey>>,
    renaming: RwSignal<Option<MyPasskey>>,
) -> impl IntoView {
    let zone = intl::device_zone();
    let of = [": ", &passkey.name].concat();
    let of_too = of.clone();
    let this = StoredValue::new(passkey.clone());
    let rename = Callback::new(move |()| renaming.set(Some(this.get_value())));
    let remove = Callback::new(move |()| removing.set(Some(this.get_value())));
    view! {
        <li class="row session">
            <IconView icon=Icon::Key />
            <div class="grow">
                <p class="words"><strong>{passkey.name}</strong></p>
                <p class="second small">
                    {t::settings::passkeys::added()} " " <Time at=passkey.created_at.0 zone=zone.clone() /> " · "
                    {match passkey.last_used_at {
                        Some(at) => {
                            view! { {t::settings::passkeys::last_used()} " " <Time at=at.0 zone /> }.into_any()
                        }
                        None => t::settings::passkeys::never_used().into_any(),
                    }}
                </p>
            </div>
            <Button on_press=rename>
                {t::settings::passkeys::rename()}<span class="visually-hidden">{of_too}</span>
            </Button>
            <Button on_press=remove>
                {t::settings::passkeys::remove()}<span class="visually-hidden">{of}</span>
            </Button>
        </li>
    }
}

/// What confirms that it is the person, where that is needed: their password, or signing in again.
fn confirmation(mine: Signal<MyPasskeys>, password: RwSignal<String>, error: Signal<Option<String>>) -> AnyView {
    // Also where they signed in too long ago only since the page was opened.
    let needed = memo(move || mine.with(|mine| mine.must_confirm) || error.with(Option::is_some));
    let has_password = memo(move || mine.with(|mine| mine.has_password));
    let view = move || match (needed.get(), has_password.get()) {
        (false, _) => ().into_any(),
        (true, false) => view! { <p>{t::settings::passkeys::again()}</p> }.into_any(),
        (true, true) => view! {
            <TextField
                label=t::settings::passkeys::password()
                name="password"
                value=password
                kind=InputKind::Password
                autocomplete="current-password"
                hint=Signal::stored(t::settings::passkeys::password_hint().to_owned())
                error
            />
        }
        .into_any(),
    };
    view.into_any()
}

/// The password as it is sent: nothing where none was asked for.
fn given(password: RwSignal<String>) -> Option<String> {
    Some(password.get_untracked()).filter(|password| !password.is_empty())
}

#[component]
fn Add(load: Load<MyPasskeys>, mine: Signal<MyPasskeys>) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let add = Mutation::with_key(
        "passkey.add",
        |(name, password), key| api::passkeys::add(name, password, key),
        move |_: MyPasskey| {
            open.set(false);
            toasts.done(t::settings::passkeys::done());
            load.reload();
        },
    );
    let press = Callback::new(move |()| {
        add.clear();
        name.set(String::new());
        password.set(String::new());
        open.set(true);
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let named = name.get_untracked().trim().to_owned();
        if named.is_empty() {
            add.refuse(vec![invalid("name", t::settings::passkeys::name_missing())]);
        } else {
            add.submit((named, given(password)));
        }
    };
    view! {
        <Button icon=Icon::Plus on_press=press>{t::settings::passkeys::add()}</Button>
        <Dialog open title=Signal::stored(t::settings::passkeys::add_title().to_owned())>
            <form method="post" novalidate=true on:submit=submit on:input=move |event| add.mend(&event)>
                <FormProblem mutation=add />
                <TextField
                    label=t::settings::passkeys::name()
                    name="name"
                    value=name
                    max_length=MAX_NAME
                    hint=Signal::stored(t::settings::passkeys::name_hint().to_owned())
                    error=add.field_error("name")
                />
                {confirmation(mine, password, add.field_error("password"))}
                <div class="dialog-actions">
                    <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                    <Button kind=ButtonKind::Primary submit=true busy=add.pending()>
                        {t::settings::passkeys::go_on()}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn Rename(load: Load<MyPasskeys>, renaming: RwSignal<Option<MyPasskey>>) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let rename = Mutation::new(
        |(id, name): (PasskeyId, String)| api::passkeys::rename(id, name),
        move |_: MyPasskey| {
            open.set(false);
            toasts.done(t::settings::passkeys::renamed());
            load.reload();
        },
    );
    effect(move || {
        if let Some(passkey) = renaming.get() {
            rename.clear();
            name.set(passkey.name);
            open.set(true);
        }
    });
    let title = derived(move || {
        renaming.with(|it| it.as_ref().map(|it| t::settings::passkeys::rename_title(&it.name)).unwrap_or_default())
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let named = name.get_untracked().trim().to_owned();
        match renaming.get_untracked() {
            Some(passkey) if !named.is_empty() => rename.submit((passkey.id, named)),
            _ => rename.refuse(vec![invalid("name", t::settings::passkeys::name_missing())]),
        }
    };
    view! {
        <Dialog open title>
            <form method="post" novalidate=true on:submit=submit on:input=move |event| rename.mend(&event)>
                <FormProblem mutation=rename />
                <TextField
                    label=t::settings::passkeys::name()
                    name="name"
                    value=name
                    max_length=MAX_NAME
                    error=rename.field_error("name")
                />
                <div class="dialog-actions">
                    <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                    <Button kind=ButtonKind::Primary submit=true busy=rename.pending()>
                        {t::settings::passkeys::save()}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn Remove(load: Load<MyPasskeys>, mine: Signal<MyPasskeys>, removing: RwSignal<Option<MyPasskey>>) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let password = RwSignal::new(String::new());
    let remove = Mutation::new(
        |(id, password): (PasskeyId, Option<String>)| api::passkeys::remove(id, password),
        move |()| {
            open.set(false);
            toasts.done(t::settings::passkeys::removed());
            load.reload();
        },
    );
    effect(move || {
        if removing.with(Option::is_some) {
            remove.clear();
            password.set(String::new());
            open.set(true);
        }
    });
    let title = derived(move || {
        removing.with(|it| it.as_ref().map(|it| t::settings::passkeys::remove_title(&it.name)).unwrap_or_default())
    });
    let confirm = Callback::new(move |()| {
        if let Some(passkey) = removing.get_untracked() {
            remove.submit((passkey.id, given(password)));
        }
    });
    view! {
        <ConfirmDialog
            open
            title
            confirm=t::settings::passkeys::remove()
            busy=remove.pending()
            on_confirm=confirm
        >
            <FormProblem mutation=remove />
            <p>{t::settings::passkeys::remove_words()}</p>
            {confirmation(mine, password, remove.field_error("password"))}
        </ConfirmDialog>
    }
}

/// Removing the password, or that there is none.
#[component]
fn Password(load: Load<MyPasskeys>, mine: Signal<MyPasskeys>) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let open = RwSignal::new(false);
    let password = RwSignal::new(String::new());
    let remove = Mutation::new(api::passkeys::remove_password, move |()| {
        open.set(false);
        toasts.done(t::settings::passkeys::password_removed());
        load.reload();
    });
    let press = Callback::new(move |()| {
        remove.clear();
        password.set(String::new());
        open.set(true);
    });
    let state = memo(move || mine.with(|mine| (mine.has_password, mine.items.is_empty())));
    let confirm = Callback::new(move |()| remove.submit(given(password)));
    view! {
        {move || match state.get() {
            (true, true) => ().into_any(),
            (true, false) => {
                view! {
                    <Button kind=ButtonKind::Danger on_press=press>{t::settings::passkeys::remove_password()}</Button>
                }
                    .into_any()
            }
            (false, _) => view! { <p class="second">{t::settings::passkeys::only()}</p> }.into_any(),
        }}
        <ConfirmDialog
            open
            title=Signal::stored(t::settings::passkeys::remove_password_title().to_owned())
            confirm=t::settings::passkeys::remove_password()
            busy=remove.pending()
            on_confirm=confirm
        >
            <FormProblem mutation=remove />
            <p>{t::settings::passkeys::remove_password_words()}</p>
            {session
                .is(Role::Resident)
                .then(|| view! { <p>{t::settings::passkeys::remove_password_app()}</p> })}
            {confirmation(mine, password, remove.field_error("password"))}
        </ConfirmDialog>
    }
}
