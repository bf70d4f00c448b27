//! `/properties/{property}/hubs`: the hubs of a property, and the locks that each has (R35).

mod locks;

use crate::prelude::*;
use api_types::{HubEdit, HubKind, HubTest, HubTestResult, LiveKind, ManagedHub, NewHub};
use ids::PropertyId;

pub use locks::*;

use crate::{
    api,
    components::{Card, FormProblem, Link, LoadView, PageHeader, use_properties},
    load::Load,
    mutation::{Mutation, invalid},
    query::{Query, use_query_params},
    routes::Route,
    ui::{
        Button, ButtonKind, Column, ConfirmDialog, Dialog, EmptyState, Icon, InputKind, Pill, SkeletonTable, Table,
        TextField, Time, Tone, read_fields, use_toasts,
    },
};

/// What changes what is said of hubs.
const CHANGES: &[LiveKind] = &[LiveKind::Hub, LiveKind::Lock];

/// What a row is asked to do.
#[derive(Clone, Copy)]
struct Asked {
    edit: RwSignal<Option<ManagedHub>>,
    remove: RwSignal<Option<ManagedHub>>,
    test: RwSignal<Option<(String, HubTest)>>,
    load: Load<Vec<ManagedHub>>,
}

/// The hubs of a property: state, software, locks and errors.
#[component]
pub fn HubsPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let door = use_query_params().param("door");
    let load = Load::once(move || api::hubs::list(property));
    load.follow_changes(CHANGES, property.uuid());
    let asked = Asked { edit: RwSignal::new(None), remove: RwSignal::new(None), test: RwSignal::new(None), load };
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    view! {
        <p class="back"><Link to=Route::Property(property)>{t::hubs::back()}</Link></p>
        <PageHeader title=t::shell::titles::hubs() facts=name />
        <Show when=move || !door.get().is_empty()>
            <p>{t::hubs::for_door()}</p>
        </Show>
        <LoadView load skeleton=|| view! { <SkeletonTable rows=3 /> } let:hubs>
            {
                let none = memo(move || hubs.with(Vec::is_empty));
                move || {
                    if none.get() {
                        view! {
                            <EmptyState icon=Icon::Link title=t::hubs::empty::title()>
                                <p>{t::hubs::empty::hint()}</p>
                            </EmptyState>
                        }
                            .into_any()
                    } else {
                        view! { <List property hubs asked door=door.get() /> }.into_any()
                    }
                }
            }
        </LoadView>
        <div class="stack narrow">
            <Card title=t::hubs::add::title()>
                <Add property asked />
            </Card>
        </div>
        <Edit asked />
        <Remove asked />
        <Tested asked />
    }
}

#[component]
fn List(property: PropertyId, hubs: Signal<Vec<ManagedHub>>, asked: Asked, door: String) -> impl IntoView {
    let zone = StoredValue::new(use_properties().zone(property));
    let door = StoredValue::new(door);
    let columns = [
        t::hubs::columns::name(),
        t::hubs::columns::state(),
        t::hubs::columns::software(),
        t::hubs::columns::doors(),
        t::ui::actions(),
    ];
    let columns = columns.map(Column::new).into();
    view! {
        <Table caption=t::shell::titles::hubs() columns>
            <For each=move || hubs.get() key=|hub: &ManagedHub| key(hub) let(hub)>
                <Row property hub asked zone=zone.get_value() door=door.get_value() />
            </For>
        </Table>
    }
}

/// Everything that can change in a row.
fn key(hub: &ManagedHub) -> (ids::HubId, String, String, bool, [Option<String>; 2], [u32; 2]) {
    let said = [hub.software.clone(), hub.problem.clone()];
    (hub.id, hub.etag.clone(), hub.since.0.clone(), hub.online, said, [hub.doors, hub.former_locks])
}

/// Whether a hub answers.
pub(in crate::pages) fn state_view(online: bool, since: &str, zone: &str) -> AnyView {
    if online {
        return view! { <Pill tone=Tone::Good icon=Icon::Check>{t::doors::lock::online()}</Pill> }.into_any();
    }
    let [before, _, after] = t::doors::lock::offline_since();
    let (at, zone) = (since.to_owned(), zone.to_owned());
    view! { <Pill tone=Tone::Waiting icon=Icon::WifiOff>{before} <Time at zone /> {after}</Pill> }.into_any()
}

#[component]
fn Row(property: PropertyId, hub: ManagedHub, asked: Asked, zone: String, door: String) -> impl IntoView {
    let toasts = use_toasts();
    let id = hub.id;
    let simulated = hub.kind.is(HubKind::Simulated);
    let kept = StoredValue::new(hub.clone());
    let name = move || kept.with_value(|hub| hub.name.clone());
    let test = Mutation::new(
        move |()| api::hubs::test(id),
        move |test: HubTest| {
            asked.test.set(Some((name(), test)));
            asked.load.reload();
        },
    );
    effect(move || {
        if let Some(error) = test.error().get() {
            toasts.failed(error.sentence());
        }
    });
    let of = move || view! { <span class="visually-hidden">" " {name()}</span> };
    let former =
        (hub.former_locks > 0).then(|| view! { <span class="cell-note">{t::hubs::former(hub.former_locks)}</span> });
    let (online, problem) = (hub.online, hub.problem.clone());
    let said = problem.filter(|_| !online).map(|said| view! { <span class="cell-note">{said}</span> });
    let what = if simulated { Some(t::hubs::simulated().to_owned()) } else { hub.software.clone() };
    view! {
        <tr>
            <th scope="row">
                <Link
                    to=Route::HubLocks { property, hub: id }
                    query=Query::new().with_some("door", Some(door.as_str()).filter(|door| !door.is_empty()))
                >
                    {hub.name.clone()}
                </Link>
                {hub.url.clone().map(|url| view! { <span class="cell-note">{url}</span> })}
            </th>
            <td data-label=t::hubs::columns::state()>{state_view(online, hub.since.as_str(), &zone)} {said}</td>
            <td data-label=t::hubs::columns::software()>{what.unwrap_or_else(|| "—".to_owned())}</td>
            <td data-label=t::hubs::columns::doors()>{t::doors::doors(hub.doors)} {former}</td>
            <td class="actions" data-label=t::ui::actions()>
                <Button busy=test.pending() on_press=Callback::new(move |()| test.submit(()))>
                    {t::hubs::test::button()} {of()}
                </Button>
                <Button on_press=Callback::new(move |()| asked.edit.set(Some(kept.get_value())))>
                    {t::hubs::edit::button()} {of()}
                </Button>
                <Button
                    kind=ButtonKind::Danger
                    on_press=Callback::new(move |()| asked.remove.set(Some(kept.get_value())))
                >
                    {t::hubs::remove::button()} {of()}
                </Button>
            </td>
        </tr>
    }
}

/// Adds a hub, and tests it.
#[component]
fn Add(property: PropertyId, asked: Asked) -> impl IntoView {
    let toasts = use_toasts();
    let text = || RwSignal::new(String::new());
    let (name, url, token) = (text(), text(), text());
    let test = Mutation::new(
        |hub: ManagedHub| async move { Ok((hub.name, api::hubs::test(hub.id).await?)) },
        move |(name, test): (String, HubTest)| {
            asked.test.set(Some((name, test)));
            asked.load.reload();
        },
    );
    let add = Mutation::with_key(
        "hub.add",
        move |new: NewHub, key| async move { api::hubs::add(property, &new, &key).await },
        move |added: ManagedHub| {
            [name, url, token].iter().for_each(|field| field.set(String::new()));
            toasts.done(t::hubs::add::done(&added.name));
            asked.load.reload();
            test.submit(added);
        },
    );
    effect(move || {
        if let Some(error) = test.error().get() {
            toasts.failed(error.sentence());
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let [name, url, token] = [name, url, token].map(|field| field.get_untracked());
        let mut errors = Vec::new();
        if name.trim().is_empty() {
            errors.push(invalid("name", t::hubs::add::name_missing()));
        }
        if url.trim().is_empty() {
            errors.push(invalid("url", t::hubs::add::url_missing()));
        }
        if !errors.is_empty() {
            add.refuse(errors);
            return;
        }
        let token = Some(token).filter(|token| !token.trim().is_empty());
        add.submit(NewHub { kind: HubKind::ZwaveJs, name, url, token });
    };
    let busy = derived(move || add.pending().get() || test.pending().get());
    view! {
        <p class="second">{t::hubs::add::about()}</p>
        <form method="post" novalidate=true on:submit=submit on:input=move |event| add.mend(&event)>
            <FormProblem mutation=add />
            <TextField label=t::hubs::columns::name() name="name" value=name max_length=60 error=add.field_error("name") />
            <TextField
                label=t::hubs::add::url()
                name="url"
                value=url
                hint=derived(|| t::hubs::add::url_hint().to_owned())
                error=add.field_error("url")
            />
            <TextField
                label=t::hubs::add::token()
                name="token"
                value=token
                kind=InputKind::Password
                optional=true
                hint=derived(|| t::hubs::add::token_hint().to_owned())
                error=add.field_error("token")
            />
            <Button kind=ButtonKind::Primary submit=true busy>{t::hubs::add::submit()}</Button>
        </form>
    }
}

/// Opens a dialog while something is asked for, and forgets it when the dialog is closed.
pub(in crate::pages) fn dialog_of<T: Send + Sync + 'static>(asked: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    effect(move || open.set(asked.with(Option::is_some)));
    effect(move || {
        if !open.get() && asked.with_untracked(Option::is_some) {
            asked.set(None);
        }
    });
    open
}

#[component]
fn Edit(asked: Asked) -> impl IntoView {
    let open = dialog_of(asked.edit);
    let title = derived(move || {
        asked.edit.with(|hub| hub.as_ref().map(|hub| t::hubs::edit::title(&hub.name)).unwrap_or_default())
    });
    view! {
        <Dialog open title>{move || asked.edit.get().map(|hub| view! { <EditForm hub asked open /> })}</Dialog>
    }
}

#[component]
fn EditForm(hub: ManagedHub, asked: Asked, open: RwSignal<bool>) -> impl IntoView {
    let toasts = use_toasts();
    let simulated = hub.kind.is(HubKind::Simulated);
    let name = RwSignal::new(hub.name.clone());
    let url = RwSignal::new(hub.url.clone().unwrap_or_default());
    let token = RwSignal::new(String::new());
    let token_hint = if hub.has_token { t::hubs::edit::token_kept() } else { t::hubs::add::token_hint() };
    let before = StoredValue::new(hub);
    let save = Mutation::new(
        move |edit: HubEdit| {
            let hub = before.get_value();
            async move { api::hubs::edit(hub.id, &hub.etag, &edit).await }
        },
        move |after: ManagedHub| {
            toasts.done(t::hubs::edit::done(&after.name));
            open.set(false);
            asked.load.reload();
        },
    );
    effect(move || {
        if save.error().with(|error| error.as_ref().is_some_and(api::ApiError::is_stale)) {
            asked.load.reload();
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let [name, url, token] = [name, url, token].map(|field| field.get_untracked().trim().to_owned());
        let was = before.get_value();
        let edit = HubEdit {
            name: (name != was.name).then_some(name),
            url: (Some(&url) != was.url.as_ref() && !simulated).then_some(url),
            token: (!token.is_empty()).then_some(Some(token)),
        };
        if edit == HubEdit::default() {
            open.set(false);
        } else {
            save.submit(edit);
        }
    };
    let connection = (!simulated).then(|| {
        view! {
            <TextField
                label=t::hubs::add::url()
                name="url"
                value=url
                hint=derived(|| t::hubs::add::url_hint().to_owned())
                error=save.field_error("url")
            />
            <TextField
                label=t::hubs::add::token()
                name="token"
                value=token
                kind=InputKind::Password
                optional=true
                hint=derived(move || token_hint.to_owned())
                error=save.field_error("token")
            />
        }
    });
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| save.mend(&event)>
            <FormProblem mutation=save />
            <TextField label=t::hubs::columns::name() name="name" value=name max_length=60 error=save.field_error("name") />
            {connection}
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>{t::hubs::edit::submit()}</Button>
            </div>
        </form>
    }
}

#[component]
fn Remove(asked: Asked) -> impl IntoView {
    let toasts = use_toasts();
    let open = dialog_of(asked.remove);
    let remove = Mutation::new(
        |hub: ManagedHub| async move {
            api::hubs::remove(hub.id).await?;
            Ok(hub.name)
        },
        move |name: String| {
            open.set(false);
            toasts.done(t::hubs::remove::done(&name));
            asked.load.reload();
        },
    );
    effect(move || {
        if asked.remove.with(Option::is_some) {
            remove.clear();
        }
    });
    let title = derived(move || {
        asked.remove.with(|hub| hub.as_ref().map(|hub| t::hubs::remove::question(&hub.name)).unwrap_or_default())
    });
    let submit = Callback::new(move |()| {
        if let Some(hub) = asked.remove.get_untracked() {
            remove.submit(hub);
        }
    });
    view! {
        <ConfirmDialog open title confirm=t::hubs::remove::button() busy=remove.pending() on_confirm=submit>
            <FormProblem mutation=remove />
            <p>{t::hubs::remove::effect()}</p>
        </ConfirmDialog>
    }
}

/// What came of a test.
#[component]
fn Tested(asked: Asked) -> impl IntoView {
    let open = dialog_of(asked.test);
    let title = derived(move || {
        asked.test.with(|test| test.as_ref().map(|(name, _)| t::hubs::test::title(name)).unwrap_or_default())
    });
    view! {
        <Dialog open title>
            {move || asked.test.get().map(|(_, test)| test_view(test))}
            <div class="dialog-actions">
                <Button kind=ButtonKind::Primary on_press=Callback::new(move |()| open.set(false))>
                    {t::hubs::test::close()}
                </Button>
            </div>
        </Dialog>
    }
}

fn test_view(test: HubTest) -> AnyView {
    use t::hubs::test as words;
    let (words, next) = match test.result.known() {
        Some(HubTestResult::Answered) => (words::answered(), None),
        Some(HubTestResult::Offline) => (words::offline(), Some(words::offline_next())),
        Some(HubTestResult::TimedOut) => (words::timed_out(), Some(words::timed_out_next())),
        Some(HubTestResult::Rejected) => (words::rejected(), Some(words::rejected_next())),
        Some(HubTestResult::NotSupported) => (words::not_supported(), Some(words::not_supported_next())),
        None => return view! { <p>{test.detail}</p> <p>{test.next_step}</p> }.into_any(),
    };
    let good = test.result.is(HubTestResult::Answered);
    let (tone, icon) = if good { (Tone::Good, Icon::Check) } else { (Tone::Bad, Icon::Warning) };
    let locks = test.locks.map(|locks| view! { <p>{t::hubs::test::locks(locks)}</p> });
    view! {
        <p><Pill tone icon>{words}</Pill></p>
        {test.software.map(|software| view! { <p>{software}</p> })}
        {locks}
        {test.said.map(|said| view! { <p class="second">{t::hubs::test::said(&said)}</p> })}
        {next.map(|next| view! { <p>{next}</p> })}
    }
    .into_any()
}
