//! `/properties/{property}/doors`

use crate::prelude::*;
use api_types::{Door, DoorKind, DoorState, LOW_BATTERY_PERCENT, LiveKind, Lock};
use ids::{DoorId, PropertyId};

use crate::{
    api,
    components::{Link, LoadView, OnlyCounted, PageHeader, row_count_announcement, use_properties},
    intl,
    load::Load,
    query::{Query, use_query_params},
    routes::Route,
    ui::{
        Button, ButtonKind, Choice, Column, EmptyState, FilterSearch, FilterSelect, Icon, Pill, SkeletonTable, Table,
        Time, Tone, use_now,
    },
};

/// A lock is nearly full with this many free slots or fewer.
const FEW_SLOTS: u16 = 2;

/// What changes what is said of doors and their locks.
const CHANGES: &[LiveKind] = &[LiveKind::Lock, LiveKind::Hub, LiveKind::Placement, LiveKind::Layout];

/// The property's doors with their locks: whether they are online, how full they are, and their batteries.
#[component]
pub fn DoorsPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let now = use_now();
    let params = use_query_params();
    let (q, kind, state) = (params.param("q"), params.param("kind"), params.param("state"));
    let counted = params.counted();
    let load = Load::new(move || Some(counted.get()), move |counted| api::doors::all_counted(property, counted));
    load.follow_changes(CHANGES, property.uuid());
    let facts = move || {
        let count = |doors: &Vec<Door>| t::doors::doors(u32::try_from(doors.len()).unwrap_or(u32::MAX));
        let doors = load.with(|doors| doors.map(count));
        let times = t::doors::times(&intl::zone_label(&scope.zone(property), now.get()));
        doors.map_or_else(String::new, |doors| doors + " · ") + &times
    };
    let filtered = params.any(&["q", "kind", "state", "hub", "on_lock", "reason", "reachable"]);
    let clear = Callback::new(move |()| params.clear());
    view! {
        <PageHeader title=t::doors::title() facts>
            <Link to=Route::Hubs(property)>{t::shell::titles::hubs()}</Link>
        </PageHeader>
        <div class="filters" role="search">
            <FilterSearch
                label=t::doors::filters::words()
                value=q.signal()
                on_change=Callback::new(move |text: String| q.set(text))
            />
            <FilterSelect
                label=t::doors::filters::kind()
                value=kind.signal()
                choices=vec![
                    Choice::new("", t::doors::filters::any_kind()),
                    Choice::new("unit", kind_name(DoorKind::Unit)),
                    Choice::new("amenity", kind_name(DoorKind::Amenity)),
                    Choice::new("property", kind_name(DoorKind::Property)),
                ]
                on_change=Callback::new(move |choice: String| kind.set(choice))
            />
            <FilterSelect
                label=t::doors::filters::lock()
                value=state.signal()
                choices=vec![
                    Choice::new("", t::doors::filters::any_lock()),
                    Choice::new("working", t::doors::filters::working()),
                    Choice::new("offline", t::doors::filters::offline()),
                    Choice::new("unsettled", t::doors::filters::unsettled()),
                    Choice::new("battery", t::doors::filters::battery_low()),
                    Choice::new("full", t::doors::filters::nearly_full()),
                    Choice::new("unknown_codes", t::doors::filters::unknown_codes()),
                ]
                on_change=Callback::new(move |choice: String| state.set(choice))
            />
            <OnlyCounted />
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>{t::doors::filters::clear()}</Button>
            </Show>
        </div>
        <LoadView load skeleton=|| view! { <SkeletonTable rows=10 /> } let:doors>
            {
                let shown = memo(move || {
                    let (words, kind, state) = (q.get().trim().to_lowercase(), kind.get(), state.get());
                    let fits = |door: &&Door| has(door, &words) && is_kind(door, &kind) && is_state(door, &state);
                    doors.with(|doors| doors.iter().filter(fits).cloned().collect::<Vec<_>>())
                });
                let none = memo(move || shown.with(Vec::is_empty));
                let list = move || match (none.get(), filtered.get()) {
                    (true, true) => {
                        view! {
                            <EmptyState icon=Icon::Search title=t::doors::no_results::title()>
                                <p>{t::doors::no_results::hint()}</p>
                                <Button on_press=clear>{t::doors::filters::clear()}</Button>
                            </EmptyState>
                        }
                            .into_any()
                    }
                    (true, false) => {
                        view! {
                            <EmptyState icon=Icon::Door title=t::doors::empty::title()>
                                {t::doors::empty::hint()}
                            </EmptyState>
                        }
                            .into_any()
                    }
                    (false, _) => {
                        view! {
                            <Table caption=t::doors::caption() columns=columns()>
                                <For each=move || shown.get() key=row_key let(door)>
                                    <Row door property zone=scope.zone(property) />
                                </For>
                            </Table>
                        }
                            .into_any()
                    }
                };
                view! {
                    {row_count_announcement(derived(move || Some(shown.with(Vec::len))))}
                    {list}
                }
            }
        </LoadView>
    }
}

fn columns() -> Vec<Column> {
    [
        t::doors::columns::door(),
        t::doors::columns::kind(),
        t::doors::columns::lock(),
        t::doors::columns::hub(),
        t::doors::columns::battery(),
        t::doors::columns::codes(),
    ]
    .into_iter()
    .map(Column::new)
    .chain([Column::actions()])
    .collect()
}

fn has(door: &Door, words: &str) -> bool {
    door.name.to_lowercase().contains(words)
        || door.unit.as_ref().is_some_and(|unit| unit.to_lowercase().contains(words))
}

fn is_kind(door: &Door, kind: &str) -> bool {
    match kind {
        "unit" => door.kind == DoorKind::Unit,
        "amenity" => door.kind == DoorKind::Amenity,
        "property" => door.kind == DoorKind::Property,
        _ => true,
    }
}

fn is_state(door: &Door, state: &str) -> bool {
    door.lock.as_ref().is_none_or(|lock| match state {
        "working" => lock.state == DoorState::Working,
        "offline" => lock.state == DoorState::Offline,
        "unsettled" => lock.state == DoorState::Unsettled,
        "battery" => battery_low(lock),
        "full" => nearly_full(lock),
        "unknown_codes" => lock.unknown_codes > 0,
        _ => true,
    })
}

/// Whether a battery is low at that percentage.
pub(super) fn low_battery(percent: u8) -> bool {
    percent <= LOW_BATTERY_PERCENT
}

fn battery_low(lock: &Lock) -> bool {
    lock.battery_percent.is_some_and(low_battery)
}

fn nearly_full(lock: &Lock) -> bool {
    lock.slots_total.saturating_sub(lock.slots_used) <= FEW_SLOTS
}

pub(super) fn kind_name(kind: DoorKind) -> &'static str {
    match kind {
        DoorKind::Unit => t::doors::kinds::unit(),
        DoorKind::Amenity => t::doors::kinds::amenity(),
        DoorKind::Property => t::doors::kinds::property(),
    }
}

/// What can change about a lock: whether it works, since when it is online or not, battery, slots used by our codes and by
/// unknown ones.
type LockKey = (DoorState, String, Option<u8>, u16, u16);

fn key(lock: &Lock) -> LockKey {
    (lock.state, lock.since.0.clone(), lock.battery_percent, lock.slots_used, lock.unknown_codes)
}

/// Everything that can change in a row.
fn row_key(door: &Door) -> (DoorId, bool, Option<LockKey>) {
    let lock = door.lock.as_ref();
    (door.id, door.retired, lock.map(key))
}

#[component]
fn Row(door: Door, property: PropertyId, zone: String) -> impl IntoView {
    let residents = door.unit.map(|unit| {
        let [shown, _, of] = t::doors::residents_of(&unit);
        view! {
            <Link to=Route::Residents(property) query=Query::new().with("unit", &unit)>
                {shown} <span class="visually-hidden">{of}</span>
            </Link>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <Link to=Route::Door { property, door: door.id }><span class="nowrap">{door.name}</span></Link>
                {door.retired.then(|| view! { " " <Pill tone=Tone::Waiting icon=Icon::Warning>{t::doors::retired()}</Pill> })}
            </th>
            <td data-label=t::doors::columns::kind()>{kind_name(door.kind)}</td>
            {door.lock.map(|lock| view! { <LockCells lock zone /> })}
            <td class="actions">{residents}</td>
        </tr>
    }
}

#[component]
fn LockCells(lock: Lock, zone: String) -> impl IntoView {
    let (low, full) = (battery_low(&lock), nearly_full(&lock));
    let answers = if lock.online {
        let unsettled = (lock.state == DoorState::Unsettled)
            .then(|| view! { <span class="cell-note">{t::doors::filters::unsettled()}</span> });
        view! { <Pill tone=Tone::Good icon=Icon::Check>{t::doors::lock::online()}</Pill> {unsettled} }.into_any()
    } else {
        let [before, _, after] = t::doors::lock::offline_since();
        view! {
            <Pill tone=Tone::Waiting icon=Icon::WifiOff>{before} <Time at=lock.since.0 zone /> {after}</Pill>
        }
        .into_any()
    };
    let battery = match (lock.battery_percent, low) {
        (None, _) => "—".into_any(),
        (Some(percent), false) => t::doors::lock::battery(&percent.to_string()).into_any(),
        (Some(percent), true) => {
            let words = t::doors::lock::battery_low(&percent.to_string());
            view! { <Pill tone=Tone::Bad icon=Icon::Warning>{words}</Pill> }.into_any()
        }
    };
    let (used, total) = (lock.slots_used.to_string(), lock.slots_total.to_string());
    let slots = if full {
        let words = if lock.slots_used >= lock.slots_total {
            t::doors::lock::slots_full(&used, &total)
        } else {
            t::doors::lock::slots_few(&used, &total)
        };
        view! { <Pill tone=Tone::Waiting icon=Icon::Warning>{words}</Pill> }.into_any()
    } else {
        t::doors::lock::slots(&used, &total).into_any()
    };
    let unknown = (lock.unknown_codes > 0).then(
        || view! { <span class="cell-note">{t::doors::lock::unknown_codes(u32::from(lock.unknown_codes))}</span> },
    );
    view! {
        <td data-label=t::doors::columns::lock()>{answers}</td>
        <td data-label=t::doors::columns::hub() class="nowrap">{lock.hub_name}</td>
        <td data-label=t::doors::columns::battery()>{battery}</td>
        <td data-label=t::doors::columns::codes()>{slots} {unknown}</td>
    }
}
