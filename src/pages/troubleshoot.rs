//! `/troubleshoot`: why a resident's or a guest's access is as it is, for support. No digits anywhere (R30).

use crate::prelude::*;
use api_types::{
    AuditEvent, DamagedKind, DamagedRecord, DamagedRecords, Diagnosis, Door, FoundResidents, GuestCode,
    GuestCodeDiagnosis, GuestCodeState, LiveKind,
};
use ids::{DoorId, GuestCodeId, TenancyId};
use uuid::Uuid;

use crate::{
    api,
    components::{
        Card, Checklist, GuestCodeStateView, History, LoadView, PageHeader, PlacementList, event_list,
        guest_code_kind_name, load_history, row_count_announcement, use_go, when_text,
    },
    intl::{self, Style},
    live,
    load::Load,
    query::{Query, QueryParam, use_query_params},
    routes::Route,
    ui::{Column, EmptyState, FilterSearch, Icon, Notice, Pill, SkeletonLines, Table, Time, TimeStyle, Tone, use_now},
    wording,
};

/// Search for a resident or a guest code, then see the checklist, every placement and what happened.
#[component]
pub fn TroubleshootPage() -> impl IntoView {
    let params = use_query_params();
    let (q, resident, guest) = (params.param("q"), params.param("resident"), params.param("guest_code"));
    let chosen = memo(move || (resident.get().parse::<TenancyId>().ok(), guest.get().parse::<GuestCodeId>().ok()));
    view! {
        <PageHeader title=t::troubleshoot::title() facts=t::troubleshoot::facts />
        <div class="filters" role="search">
            <FilterSearch
                label=t::troubleshoot::search()
                value=q.signal()
                on_change=Callback::new(move |text: String| {
                    resident.set("");
                    guest.set("");
                    q.set(text);
                })
            />
        </div>
        {move || match chosen.get() {
            (Some(id), _) => view! { <OneResident id /> }.into_any(),
            (None, Some(id)) => view! { <OneGuestCode id /> }.into_any(),
            (None, None) => view! { <Results q /> }.into_any(),
        }}
    }
}

#[component]
fn Results(q: QueryParam) -> impl IntoView {
    let is_searching = memo(move || !q.get().trim().is_empty());
    let load = Load::search(
        move || Some(q.get()).filter(|words| !words.trim().is_empty()),
        |words| async move { api::troubleshoot::find(&words).await },
    );
    // The damaged records stay loaded during a search, so that they are there when it is cleared.
    let damaged = Load::search(move || (!is_searching.get()).then_some(()), |()| api::troubleshoot::damaged());
    // What is found damaged, or is no longer, is recorded.
    let may = move || !is_searching.get() && damaged.with(|read| read.is_some());
    damaged.follow_changes_while(&[LiveKind::Audit], None, may);
    let nothing_yet = move || {
        view! {
            <LoadView load=damaged skeleton=|| view! { <SkeletonLines lines=4 /> } let:records>
                <Show when=move || !records.with(|records| records.items.is_empty())>
                    <Damaged records />
                </Show>
                <EmptyState icon=Icon::Search title=t::troubleshoot::start::title()>
                    {t::troubleshoot::start::hint()}
                </EmptyState>
            </LoadView>
        }
    };
    let nobody = || {
        view! {
            <EmptyState icon=Icon::Search title=t::troubleshoot::no_results::title()>
                {t::troubleshoot::no_results::hint()}
            </EmptyState>
        }
    };
    view! {
        <Show when=move || is_searching.get() fallback=nothing_yet>
            <LoadView load skeleton=|| view! { <SkeletonLines lines=4 /> } let:found>
                {row_count_announcement(derived(move || Some(found.with(|it| it.items.len() + it.guest_codes.len()))))}
                <Show when=move || !found.with(|it| it.items.is_empty() && it.guest_codes.is_empty()) fallback=nobody>
                    <ul class="card found">
                        <For each=move || found.with(results) key=Clone::clone let(found)>
                            <Result found q />
                        </For>
                    </ul>
                    <Show when=move || found.with(|found| found.more)>
                        <p class="second">{t::troubleshoot::more()}</p>
                    </Show>
                </Show>
            </LoadView>
        </Show>
    }
}

/// A resident or a guest code that was found: everything that is shown of it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Found {
    /// The parameter that names it, and so what its id is the id of.
    param: &'static str,
    id: Uuid,
    name: String,
    unit: Option<String>,
    property: String,
    state: Option<GuestCodeState>,
}

fn results(found: &FoundResidents) -> Vec<Found> {
    let residents = found.items.iter().map(|it| Found {
        param: "resident",
        id: it.id.uuid(),
        name: it.name.clone(),
        unit: Some(it.unit.clone()),
        property: it.property.clone(),
        state: None,
    });
    let guest_codes = found.guest_codes.iter().map(|it| Found {
        param: "guest_code",
        id: it.id.uuid(),
        name: t::wording::subject::guest_code(&it.guest_name),
        unit: it.unit.clone(),
        property: it.property.clone(),
        state: Some(it.state),
    });
    residents.chain(guest_codes).collect()
}

#[component]
fn Result(found: Found, q: QueryParam) -> impl IntoView {
    let query = Query::new().with(found.param, &found.id.to_string());
    let address = query.on(&Route::Troubleshoot.path());
    let go = use_go();
    // What was searched for stays in its field, but not in the link's address: it may be a guest's name.
    let follow = move |event: web_sys::MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if !elsewhere {
            event.prevent_default();
            go.to_address(&query.clone().with("q", &q.get_untracked()).on(&Route::Troubleshoot.path()));
        }
    };
    let unit = found.unit.map(|unit| [&t::troubleshoot::unit(&unit), " · "].concat());
    view! {
        <li>
            <a href=address on:click=follow>{found.name}</a>
            <span class="second">{unit} {found.property}</span>
            {found.state.map(|state| view! { <GuestCodeStateView state /> })}
        </li>
    }
}

/// Records that can't be read, and what to do about them. They are from any property, so times are in UTC, as in the
/// log.
#[component]
fn Damaged(records: Signal<DamagedRecords>) -> impl IntoView {
    use t::troubleshoot::damaged as words;
    let items = memo(move || records.with(|records| records.items.clone()));
    let count = move || items.with(|items| u32::try_from(items.len()).unwrap_or(u32::MAX));
    let columns = [words::record(), words::property(), words::found(), words::what()].map(Column::new).into();
    let rows = move || items.get().into_iter().map(|record| view! { <DamagedRow record /> }).collect_view();
    view! {
        <section class="card needs" aria-labelledby="damaged-title">
            <div class="card-head">
                <h2 id="damaged-title">{words::title()}</h2>
                <Pill tone=Tone::Bad icon=Icon::Warning>{move || words::count(count())}</Pill>
            </div>
            <p>{words::what_to_do()}</p>
            <Table caption=words::title() columns>{rows}</Table>
            <p class="table-note">{t::audit::zone::times_utc()}</p>
        </section>
    }
}

#[component]
fn DamagedRow(record: DamagedRecord) -> impl IntoView {
    use t::troubleshoot::damaged as words;
    let kind = match record.kind.known() {
        Some(DamagedKind::Code) => words::code().to_owned(),
        Some(DamagedKind::GuestCode) => words::guest_code().to_owned(),
        Some(DamagedKind::Resident) => words::resident().to_owned(),
        None => record.kind.name().to_owned(),
    };
    let property = record.property.unwrap_or_else(|| words::no_property().to_owned());
    view! {
        <tr>
            <th scope="row">{kind} " " <code class="record-id">{record.id.to_string()}</code></th>
            <td data-label=words::property() class="words">{property}</td>
            <td data-label=words::found()>
                <Time at=record.found_at.0 zone="UTC" style=TimeStyle::In(Style::DateTime) />
            </td>
            <td data-label=words::what() class="words"><span lang=t::recorded_lang()>{record.detail}</span></td>
        </tr>
    }
}

#[component]
fn OneResident(id: TenancyId) -> impl IntoView {
    let load = Load::once(move || api::troubleshoot::diagnose(id));
    let history = load_history(id);
    load.follow_changes(live::RESIDENT, id.uuid());
    load.follow_changes(&[LiveKind::Lock], None);
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=8 /> } let:diagnosis>
            <Diagnosed diagnosis id history />
        </LoadView>
    }
}

#[component]
fn OneGuestCode(id: GuestCodeId) -> impl IntoView {
    let load = Load::once(move || api::troubleshoot::diagnose_guest_code(id));
    load.follow_changes(live::GUEST_CODE, id.uuid());
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=8 /> } let:diagnosis>
            <DiagnosedGuestCode diagnosis />
        </LoadView>
    }
}

#[component]
fn DiagnosedGuestCode(diagnosis: Signal<GuestCodeDiagnosis>) -> impl IntoView {
    let now = use_now();
    let zone = memo(move || diagnosis.with(|it| it.property.time_zone.clone()));
    let guest = memo(move || diagnosis.with(|it| vec![it.guest_code.clone()]));
    let events = memo(move || diagnosis.with(|it| it.events.clone()));
    let facts = move || {
        diagnosis.with(|it| {
            let times = t::troubleshoot::times(&intl::zone_label(&it.property.time_zone, now.get()));
            [&it.property.name, " · ", &times].concat()
        })
    };
    view! {
        <section class="who">
            <h2>{move || diagnosis.with(|it| t::wording::subject::guest_code(&it.guest_code.guest_name))}</h2>
            <p class="second">{facts}</p>
        </section>
        <div class="resident">
            <Card title=t::troubleshoot::guest_codes::title()>
                <GuestCodes guests=guest.into() />
            </Card>
            <Card title=t::troubleshoot::history()>{move || event_list(events.get(), &zone.get())}</Card>
        </div>
    }
}

/// Guest codes with what is on each lock.
#[component]
fn GuestCodes(guests: Signal<Vec<GuestCode>>) -> impl IntoView {
    let now = use_now();
    let one = move |guest: GuestCode| {
        let shown = guest.clone();
        let facts = move || [guest_code_kind_name(shown.kind), " · ", &when_text(&shown, now.get())].concat();
        view! {
            <section>
                <p class="row"><strong>{guest.guest_name}</strong> <GuestCodeStateView state=guest.state /></p>
                <p class="second small">{facts}</p>
                <PlacementList placements=Signal::stored(guest.placements) zone=guest.time_zone />
            </section>
        }
    };
    view! {
        <div class="stack">
            {move || match guests.get() {
                guests if guests.is_empty() => {
                    view! { <p class="second">{t::troubleshoot::guest_codes::none()}</p> }.into_any()
                }
                guests => guests.into_iter().map(one).collect_view().into_any(),
            }}
        </div>
    }
}

#[component]
fn Diagnosed(diagnosis: Signal<Diagnosis>, id: TenancyId, history: Load<Vec<AuditEvent>>) -> impl IntoView {
    let now = use_now();
    let zone = memo(move || diagnosis.with(|it| it.property.time_zone.clone()));
    let eligibility = memo(move || diagnosis.with(|it| it.eligibility.clone()));
    let code = memo(move || diagnosis.with(|it| it.resident.code.clone()));
    let previous = memo(move || diagnosis.with(|it| it.previous_code.clone()));
    let doors = memo(move || diagnosis.with(|it| it.doors.clone()));
    let guests = memo(move || diagnosis.with(|it| it.guest_codes.clone()));
    let app = move || {
        diagnosis.with(|it| match &it.app_version {
            Some(version) => t::troubleshoot::eligibility::app_version(version),
            None => t::troubleshoot::eligibility::no_app().to_owned(),
        })
    };
    let who = move || {
        diagnosis.with(|it| {
            let times = t::troubleshoot::times(&intl::zone_label(&it.property.time_zone, now.get()));
            [&t::troubleshoot::unit(&it.resident.unit), " · ", &it.property.name, " · ", &times].concat()
        })
    };
    let changed = move || {
        let (origin, at) = code.with(|code| (code.origin, code.changed_at.0.clone()));
        let length = code.with(|code| code.length.to_string());
        let [before, _, after] = match origin {
            api_types::CodeOrigin::Custom => t::troubleshoot::code::custom(&length),
            api_types::CodeOrigin::Random => t::troubleshoot::code::random(&length),
        };
        view! {
            <p class="second">
                {before} <Time at zone=zone.get() style=TimeStyle::In(Style::DateTime) /> {after}
            </p>
        }
    };
    view! {
        <section class="who">
            <h2>{move || diagnosis.with(|it| it.resident.name.clone())}</h2>
            <p class="second">{who}</p>
            <p class="second">{move || diagnosis.with(|it| it.resident.email.clone())}</p>
        </section>
        <Show when=move || diagnosis.with(|it| it.resident.ended_at.is_some())>
            <Notice icon=Icon::Info>{t::troubleshoot::ended()}</Notice>
        </Show>
        <div class="resident">
            <div class="stack">
                <Card title=t::troubleshoot::eligibility::title()>
                    <p>{app}</p>
                    <p>
                        <strong>{t::troubleshoot::eligibility::tell_them()} " "</strong>
                        {move || eligibility.with(wording::next_step)}
                    </p>
                    <Checklist items=derived(move || eligibility.with(|it| it.checklist.clone())) zone />
                </Card>
                <Card title=t::troubleshoot::code::title()>
                    {changed}
                    <PlacementList placements=derived(move || code.with(|code| code.placements.clone())) zone />
                </Card>
                {move || {
                    previous
                        .get()
                        .map(|code| {
                            let placements = code.placements;
                            view! {
                                <Card title=t::troubleshoot::code::previous()>
                                    <PlacementList placements=Signal::stored(placements) zone />
                                </Card>
                            }
                        })
                }}
                <Card title=t::troubleshoot::guest_codes::title()>
                    <GuestCodes guests=guests.into() />
                </Card>
                <Card title=t::troubleshoot::doors::title()>
                    <ul class="plain-list">
                        <For each=move || doors.get() key=door_key let(door)>
                            <DoorLine door zone=zone.get_untracked() />
                        </For>
                    </ul>
                </Card>
            </div>
            <Card title=t::troubleshoot::history()>
                <History resident=id load=history zone />
            </Card>
        </div>
    }
}

/// Everything that can change in a lock's part of a door's row.
type LockKey = (bool, String, Option<u8>, u16);

/// Everything that can change in a door's row.
fn door_key(door: &Door) -> (DoorId, Option<LockKey>) {
    let lock = door.lock.as_ref();
    (door.id, lock.map(|lock| (lock.online, lock.since.0.clone(), lock.battery_percent, lock.slots_used)))
}

#[component]
fn DoorLine(door: Door, zone: String) -> impl IntoView {
    let lock = door.lock.map(|lock| {
        let state = if lock.online {
            view! { <Pill tone=Tone::Good icon=Icon::Check>{t::troubleshoot::doors::online()}</Pill> }.into_any()
        } else {
            let [before, _, after] = t::troubleshoot::doors::offline_since();
            view! {
                <Pill tone=Tone::Waiting icon=Icon::WifiOff>{before} <Time at=lock.since.0 zone /> {after}</Pill>
            }
            .into_any()
        };
        let battery = lock
            .battery_percent
            .map(|percent| [" · ", &t::troubleshoot::doors::battery(&percent.to_string())].concat());
        let slots = t::troubleshoot::doors::slots(&lock.slots_used.to_string(), &lock.slots_total.to_string());
        let slots = [" · ", &slots].concat();
        view! { {state} <span class="second small">{lock.hub_name} {battery} {slots}</span> }
    });
    view! { <li class="row"><strong>{door.name}</strong> {lock}</li> }
}
