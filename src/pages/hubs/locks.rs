//! `/properties/{property}/hubs/{hub}`: the locks that a hub has, and linking them to doors (R35).

use crate::prelude::*;
use api_types::{CodeLengths, Door, DoorDetails, FoundLock, FoundLocks, LinkLock, LockAbilities, ReadBack};
use ids::{DoorId, HubId, PropertyId};

use super::{dialog_of, state_view};
use crate::{
    api,
    components::{FormProblem, Link, LoadView, PageHeader, use_properties},
    load::Load,
    mutation::{Mutation, invalid},
    query::use_query_params,
    routes::Route,
    ui::{
        Button, ButtonKind, Choice, Column, Dialog, EmptyState, Icon, Pill, SelectField, SkeletonTable, Table,
        TextField, Tone, read_fields, use_toasts,
    },
};

/// The locks that a hub has, as it knows them now.
#[component]
pub fn HubLocksPage(
    /// The property.
    property: PropertyId,
    /// The hub.
    hub: HubId,
) -> impl IntoView {
    let zone = StoredValue::new(use_properties().zone(property));
    let door = use_query_params().param("door");
    let load = Load::once(move || api::hubs::locks(hub));
    let asked = RwSignal::new(None::<FoundLock>);
    let title = derived(move || {
        let name = load.with(|found| found.map(|found: &FoundLocks| found.hub.name.clone()));
        name.unwrap_or_else(|| t::shell::titles::hub_locks().to_owned())
    });
    view! {
        <p class="back"><Link to=Route::Hubs(property)>{t::hubs::locks::back()}</Link></p>
        <PageHeader title facts=|| t::hubs::locks::about().to_owned()>
            <Button on_press=Callback::new(move |()| load.reload())>{t::hubs::locks::refresh()}</Button>
        </PageHeader>
        <LoadView load skeleton=|| view! { <SkeletonTable rows=4 /> } let:found>
            {move || {
                let FoundLocks { hub, items } = found.get();
                let state = state_view(hub.online, hub.since.as_str(), &zone.get_value());
                let list = if items.is_empty() {
                    view! {
                        <EmptyState icon=Icon::Lock title=t::hubs::locks::empty::title()>
                            <p>{t::hubs::locks::empty::hint()}</p>
                        </EmptyState>
                    }
                        .into_any()
                } else {
                    let rows = items.into_iter().map(|lock| view! { <Row property lock asked /> }).collect_view();
                    view! { <Table caption=t::shell::titles::hub_locks() columns=columns()>{rows}</Table> }.into_any()
                };
                view! { <p>{state}</p> {list} }
            }}
        </LoadView>
        <LinkDialog property hub asked load first=door.get_untracked() />
    }
}

fn columns() -> Vec<Column> {
    let named = [
        t::hubs::locks::lock(),
        t::hubs::columns::state(),
        t::doors::columns::battery(),
        t::hubs::locks::abilities(),
        t::doors::columns::door(),
    ];
    named.map(Column::new).into_iter().chain([Column::actions()]).collect()
}

/// What a lock can do, in a line.
pub(in crate::pages) fn abilities_in_words(abilities: &LockAbilities) -> String {
    let lengths = match abilities.lengths.known() {
        Some(CodeLengths::Four) => t::hubs::abilities::four(),
        Some(CodeLengths::Six) => t::hubs::abilities::six(),
        Some(CodeLengths::FourAndSix) => t::hubs::abilities::four_and_six(),
        None => abilities.lengths.name(),
    };
    let read_back = match abilities.read_back.known() {
        Some(ReadBack::Digits) => t::hubs::abilities::reads_digits(),
        Some(ReadBack::Occupancy) => t::hubs::abilities::reads_occupancy(),
        Some(ReadBack::None) => t::hubs::abilities::reads_nothing(),
        None => abilities.read_back.name(),
    };
    let schedules = abilities.schedules.then(t::hubs::abilities::schedules);
    let slots = t::hubs::abilities::slots(u32::from(abilities.slots));
    let words = [Some(slots.as_str()), Some(lengths), Some(read_back), schedules];
    words.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[component]
fn Row(property: PropertyId, lock: FoundLock, asked: RwSignal<Option<FoundLock>>) -> impl IntoView {
    let (tone, icon, words) = if lock.online {
        (Tone::Good, Icon::Check, t::doors::lock::online())
    } else {
        (Tone::Waiting, Icon::WifiOff, t::hubs::locks::offline())
    };
    let abilities = lock.abilities.as_ref().map(abilities_in_words);
    let door = match (lock.door.clone(), lock.linked) {
        (Some(door), _) => {
            let former = door.former.then(|| view! { <span class="cell-note">{t::hubs::locks::former()}</span> });
            let to = Route::Door { property, door: door.id };
            view! { <Link to>{door.name}</Link> {former} }.into_any()
        }
        (None, true) => t::hubs::locks::elsewhere().into_any(),
        (None, false) => "—".into_any(),
    };
    let battery = lock.battery_percent.map(|percent| t::doors::lock::battery(&percent.to_string()));
    let may_link = !lock.linked && lock.abilities.is_some();
    let (name, of) = (lock.name.clone(), StoredValue::new(lock.name.clone()));
    let model = lock.model.clone();
    let kept = StoredValue::new(lock);
    let link = may_link.then(|| {
        view! {
            <Button on_press=Callback::new(move |()| asked.set(Some(kept.get_value())))>
                {t::hubs::link::button()} <span class="visually-hidden">" " {of.get_value()}</span>
            </Button>
        }
    });
    view! {
        <tr>
            <th scope="row">
                {name} {model.map(|model| view! { <span class="cell-note">{model}</span> })}
            </th>
            <td data-label=t::hubs::columns::state()><Pill tone icon>{words}</Pill></td>
            <td data-label=t::doors::columns::battery()>{battery.unwrap_or_else(|| "—".to_owned())}</td>
            <td data-label=t::hubs::locks::abilities()>
                {abilities.unwrap_or_else(|| t::hubs::locks::not_ready().to_owned())}
            </td>
            <td data-label=t::doors::columns::door()>{door}</td>
            <td class="actions">{link}</td>
        </tr>
    }
}

/// Chooses the door that a lock is linked to.
#[component]
fn LinkDialog(
    property: PropertyId,
    hub: HubId,
    asked: RwSignal<Option<FoundLock>>,
    load: Load<FoundLocks>,
    first: String,
) -> impl IntoView {
    let open = dialog_of(asked);
    let first = StoredValue::new(first);
    let title = derived(move || {
        asked.with(|lock| lock.as_ref().map(|lock| t::hubs::link::title(&lock.name)).unwrap_or_default())
    });
    view! {
        <Dialog open title>
            {move || {
                asked
                    .get()
                    .map(|lock| view! { <LinkForm property hub lock load open first=first.get_value() /> })
            }}
        </Dialog>
    }
}

/// Whether a lock is on the door already.
fn has_lock(door: &Door) -> bool {
    door.lock.as_ref().is_some_and(|lock| lock.linked)
}

#[component]
fn LinkForm(
    property: PropertyId,
    hub: HubId,
    lock: FoundLock,
    load: Load<FoundLocks>,
    open: RwSignal<bool>,
    first: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let words = RwSignal::new(String::new());
    let chosen = RwSignal::new(first);
    let doors = Load::once(move || api::doors::all(property));
    let choices = derived(move || {
        let words = words.get().trim().to_lowercase();
        let mut found: Vec<Door> = doors.with(|doors| doors.cloned().unwrap_or_default());
        let own = chosen.get();
        found.retain(|door| door.name.to_lowercase().contains(&words) || door.id.to_string() == own);
        // Those that need one come first.
        found.sort_by_key(has_lock);
        let none = Choice::new("", t::hubs::link::choose());
        let one = |door: Door| {
            let label = if has_lock(&door) { t::hubs::link::exchanges(&door.name) } else { door.name.clone() };
            Choice::new(door.id.to_string(), label)
        };
        [none].into_iter().chain(found.into_iter().map(one)).collect::<Vec<_>>()
    });
    let hub_lock = StoredValue::new(lock.hub_lock);
    let exchanges = memo(move || {
        let own = chosen.get();
        doors.with(|doors| {
            doors.is_some_and(|doors| doors.iter().any(|door| door.id.to_string() == own && has_lock(door)))
        })
    });
    let link = Mutation::new(
        move |door: DoorId| async move {
            // As it is now: what was chosen is the door, whatever else was changed about it.
            let read = api::hubs::door(door).await?;
            api::hubs::link(door, &read.etag, &LinkLock { hub_id: hub, hub_lock: hub_lock.get_value() }).await
        },
        move |linked: DoorDetails| {
            open.set(false);
            toasts.done(t::hubs::link::done(&linked.door.name));
            load.reload();
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        match chosen.get_untracked().parse() {
            Ok(door) => link.submit(door),
            Err(_) => link.refuse(vec![invalid("door_id", t::hubs::link::missing())]),
        }
    };
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| link.mend(&event)>
            <FormProblem mutation=link />
            <TextField label=t::hubs::link::search() name="door_search" value=words />
            <SelectField
                label=t::doors::columns::door()
                name="door_id"
                value=chosen
                choices
                error=link.field_error("door_id")
            />
            <p>{move || if exchanges.get() { t::hubs::link::exchange_effect() } else { t::hubs::link::effect() }}</p>
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind=ButtonKind::Primary submit=true busy=link.pending()>{t::hubs::link::submit()}</Button>
            </div>
        </form>
    }
}
