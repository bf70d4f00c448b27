//! `/people`: the staff.

use crate::prelude::*;
use api_types::{
    AccountState, Invite, MaybeKnown, Named, NewStaffMember, Role, StaffMember, StaffMemberEdit, StaffRole,
};

use ids::PersonId;

use super::InviteLink;
use crate::{
    api,
    components::{Card, FormProblem, LoadView, PageHeader, PropertyScope, Undelivered, WaitingMail, use_properties},
    load::Load,
    mutation::{Mutation, invalid},
    session::{role_name, use_session},
    ui::{
        Button, ButtonKind, Choice, ChoiceGroup, Column, ConfirmDialog, Dialog, Icon, InputKind, Pill, SelectField,
        SkeletonTable, Table, TextField, Tone, read_fields, use_toasts,
    },
};

/// Everybody on the staff, and a form to add somebody.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let load = Load::once(|| async {
        let mut people = Vec::new();
        let mut cursor = None;
        loop {
            let page = api::people::list(cursor).await?;
            people.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(people);
            }
        }
    });
    let link = RwSignal::new(None::<(String, Invite)>);
    view! {
        <PageHeader title=t::setting_up::people::title() />
        <WaitingMail />
        <LoadView load skeleton=|| view! { <SkeletonTable rows=3 /> } let:people>
            <List people load link />
        </LoadView>
        <div class="stack narrow">
            <Card title=t::setting_up::people::add()>
                <Add load link />
            </Card>
        </div>
        <InviteLink made=link />
    }
}

#[component]
fn List(
    people: Signal<Vec<StaffMember>>,
    load: Load<Vec<StaffMember>>,
    link: RwSignal<Option<(String, Invite)>>,
) -> impl IntoView {
    let columns = [
        t::setting_up::name(),
        t::sign_in::email(),
        t::setting_up::people::roles(),
        t::setting_up::people::state(),
        t::setting_up::people::actions(),
    ];
    let columns = columns.map(Column::new).into();
    view! {
        <Table caption=t::setting_up::people::title() columns>
            {move || people.get().into_iter().map(|person| view! { <Row person load link /> }).collect_view()}
        </Table>
    }
}

/// An account's state in words.
fn state_view(state: &MaybeKnown<AccountState>) -> AnyView {
    let (tone, icon, words) = match state.known() {
        Some(AccountState::Active) => return t::setting_up::state::active().into_any(),
        Some(AccountState::Invited) => (Tone::Waiting, Icon::Clock, t::setting_up::state::invited()),
        Some(AccountState::NotInvited) => (Tone::Waiting, Icon::Warning, t::setting_up::state::not_invited()),
        Some(AccountState::Disabled) => (Tone::Bad, Icon::X, t::setting_up::state::disabled()),
        None => return state.name().to_owned().into_any(),
    };
    view! { <Pill tone icon>{words}</Pill> }.into_any()
}

#[component]
fn Row(person: StaffMember, load: Load<Vec<StaffMember>>, link: RwSignal<Option<(String, Invite)>>) -> impl IntoView {
    let scope = use_properties();
    let toasts = use_toasts();
    let id = person.id;
    let name = StoredValue::new(person.name.clone());
    let invite = Mutation::new(
        move |()| api::people::invite(id),
        move |made| {
            link.set(Some((name.with_value(|name| t::setting_up::link::title(name)), made)));
            load.reload();
        },
    );
    let reset = Mutation::new(
        move |()| api::people::offer_reset(id),
        move |made| link.set(Some((name.with_value(|name| t::setting_up::link::reset_title(name)), made))),
    );
    let asking = RwSignal::new(false);
    let change = Mutation::new(
        move |disabled: bool| async move {
            let edit = StaffMemberEdit { roles: None, disabled: Some(disabled) };
            api::people::edit(id, &edit).await
        },
        move |_: StaffMember| {
            asking.set(false);
            load.reload();
        },
    );
    effect(move || {
        for error in [invite.error().get(), reset.error().get()].into_iter().flatten() {
            toasts.failed(error.sentence());
        }
    });
    let changing = RwSignal::new(false);
    let roles: Vec<StaffRole> = person.roles;
    let has = StoredValue::new(roles.clone());
    let roles = move || {
        let words = roles.iter().map(|it| match it.property_id.and_then(|id| scope.property(id)) {
            Some(property) => t::setting_up::people::manager_of(&property.name),
            None => role_name(it.role).to_owned(),
        });
        words.collect::<Vec<_>>().join(", ")
    };
    let state = person.state.known();
    let may_invite = matches!(state, Some(AccountState::NotInvited | AccountState::Invited));
    let disabled = state == Some(AccountState::Disabled);
    let active = state == Some(AccountState::Active);
    view! {
        <tr>
            <th scope="row">{person.name}</th>
            <td data-label=t::sign_in::email()>{person.email}</td>
            <td data-label=t::setting_up::people::roles() class="words">{roles}</td>
            <td data-label=t::setting_up::people::state()>
                {state_view(&person.state)} {person.undelivered.map(|mail| view! { <Undelivered mail /> })}
            </td>
            <td data-label=t::setting_up::people::actions()>
                <div class="row">
                    {may_invite
                        .then(|| {
                            view! {
                                <Button busy=invite.pending() on_press=Callback::new(move |()| invite.submit(()))>
                                    {t::setting_up::people::invite()}
                                </Button>
                            }
                        })}
                    {active
                        .then(|| {
                            view! {
                                <Button busy=reset.pending() on_press=Callback::new(move |()| reset.submit(()))>
                                    {t::setting_up::people::reset()}
                                </Button>
                            }
                        })}
                    <Button on_press=Callback::new(move |()| changing.set(true))>
                        {t::setting_up::people::change_roles()}
                    </Button>
                    <Button
                        kind=if disabled { ButtonKind::Secondary } else { ButtonKind::Danger }
                        on_press=Callback::new(move |()| {
                            change.clear();
                            asking.set(true);
                        })
                    >
                        {if disabled { t::setting_up::people::enable() } else { t::setting_up::people::disable() }}
                    </Button>
                </div>
                <Dialog
                    open=changing
                    title=derived(move || name.with_value(|name| t::setting_up::people::roles_title(name)))
                >
                    {move || view! { <RolesForm id name has=has.get_value() open=changing load /> }}
                </Dialog>
                <ConfirmDialog
                    open=asking
                    title=derived(move || {
                        name.with_value(|name| {
                            if disabled {
                                t::setting_up::people::enable_question(name)
                            } else {
                                t::setting_up::people::disable_question(name)
                            }
                        })
                    })
                    confirm=if disabled { t::setting_up::people::enable() } else { t::setting_up::people::disable() }
                    busy=change.pending()
                    on_confirm=Callback::new(move |()| change.submit(!disabled))
                >
                    <FormProblem mutation=change />
                    <p>
                        {if disabled {
                            t::setting_up::people::enable_effect()
                        } else {
                            t::setting_up::people::disable_effect()
                        }}
                    </p>
                </ConfirmDialog>
            </td>
        </tr>
    }
}

/// What a role is chosen by: its name, or the id of the property that a manager manages.
fn role_key(role: &StaffRole) -> String {
    role.property_id.map_or_else(|| role.role.name().to_owned(), |id| id.to_string())
}

/// The role that is chosen by that.
fn role_of(key: &str) -> StaffRole {
    match Role::from_name(key) {
        Some(role) => StaffRole { role, property_id: None },
        None => StaffRole { role: Role::Manager, property_id: key.parse().ok() },
    }
}

/// Every role on the staff.
fn role_choices(scope: PropertyScope) -> Signal<Vec<Choice>> {
    derived(move || {
        let managers = scope
            .all()
            .into_iter()
            .map(|property| Choice::new(property.id.to_string(), t::setting_up::people::manager_of(&property.name)));
        let others = [Role::Support, Role::Administrator].map(|role| Choice::new(role.name(), role_name(role)));
        managers.chain(others).collect()
    })
}

/// All roles that somebody may have, with those that they have now.
#[component]
fn RolesForm(
    id: PersonId,
    name: StoredValue<String>,
    has: Vec<StaffRole>,
    open: RwSignal<bool>,
    load: Load<Vec<StaffMember>>,
) -> impl IntoView {
    let (scope, toasts, session) = (use_properties(), use_toasts(), use_session());
    let chosen = RwSignal::new(has.iter().map(role_key).collect::<Vec<_>>());
    let save = Mutation::new(
        move |roles: Vec<StaffRole>| async move {
            api::people::edit(id, &StaffMemberEdit { roles: Some(roles), disabled: None }).await
        },
        move |_: StaffMember| {
            open.set(false);
            toasts.done(name.with_value(|name| t::setting_up::people::roles_saved(name)));
            load.reload();
            // They may have been one's own.
            session.look();
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let roles: Vec<_> = chosen.with_untracked(|chosen| chosen.iter().map(|key| role_of(key)).collect());
        if roles.is_empty() {
            save.refuse(vec![invalid("all_roles", t::setting_up::people::roles_missing())]);
        } else {
            save.submit(roles);
        }
    };
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| save.mend(&event)>
            <FormProblem mutation=save />
            <ChoiceGroup
                legend=t::setting_up::people::roles()
                name="all_roles"
                chosen
                choices=role_choices(scope)
                hint=derived(|| t::setting_up::people::roles_hint().to_owned())
                error=save.field_error("all_roles")
            />
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                    {t::setting_up::settings::submit()}
                </Button>
            </div>
        </form>
    }
}

/// Adds somebody, and makes the link that invites them.
#[component]
fn Add(load: Load<Vec<StaffMember>>, link: RwSignal<Option<(String, Invite)>>) -> impl IntoView {
    let scope = use_properties();
    let text = || RwSignal::new(String::new());
    let (name, email) = (text(), text());
    // A role, or the id of the property that they manage.
    let role = RwSignal::new(Role::Support.name().to_owned());
    let add = Mutation::with_key(
        "people.add",
        |new: NewStaffMember, key| async move {
            let added = api::people::add(&new, &key).await?;
            let invite = api::people::invite(added.id).await?;
            Ok((added, invite))
        },
        move |(added, invite): (StaffMember, Invite)| {
            name.set(String::new());
            email.set(String::new());
            load.reload();
            link.set(Some((t::setting_up::link::title(&added.name), invite)));
        },
    );
    let choices = role_choices(scope);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let (name, email) = (name.get_untracked(), email.get_untracked());
        let mut errors = Vec::new();
        if name.trim().is_empty() {
            errors.push(invalid("name", t::setting_up::name_missing()));
        }
        if !email.contains('@') {
            errors.push(invalid("email", t::sign_in::email_missing()));
        }
        if !errors.is_empty() {
            add.refuse(errors);
            return;
        }
        let role = role.with_untracked(|role| role_of(role));
        add.submit(NewStaffMember { name, email, roles: vec![role] });
    };
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| add.mend(&event)>
            <FormProblem mutation=add />
            <TextField
                label=t::setting_up::name()
                name="name"
                value=name
                max_length=120
                error=add.field_error("name")
            />
            <TextField
                label=t::sign_in::email()
                name="email"
                value=email
                kind=InputKind::Email
                error=add.field_error("email")
            />
            <SelectField
                label=t::setting_up::people::role()
                name="roles"
                value=role
                choices
                error=add.field_error("roles")
            />
            <Button kind=ButtonKind::Primary submit=true busy=add.pending()>{t::setting_up::people::submit()}</Button>
        </form>
    }
}
