//! `/properties/{property}`: the state of a property, and what needs attention.

use crate::prelude::*;
use api_types::{
    LiveKind, Need, NeedCause, NeedCodes, NeedOf, NeedsYou, PlacementReason, PlacementStatus, Property, PropertyCounts,
    PropertyHealth, Role, SetupState, SetupStep,
};
use ids::{GuestCodeId, PropertyId};

use crate::{
    api::{self, Tagged},
    components::{Counted, Link, LoadView, PageHeader, StatusPill, WaitingMail, reason_words, use_properties},
    forms::FeatureSwitch,
    intl,
    load::Load,
    query::Query,
    routes::Route,
    session::use_session,
    ui::{Column, Icon, Pill, SkeletonLines, Table, Time, TimeStyle, Tone, use_now},
    wording,
};

/// What changes anything that is said of a property.
const CHANGES: &[LiveKind] = &[
    LiveKind::Property,
    LiveKind::Placement,
    LiveKind::GuestCode,
    LiveKind::Resident,
    LiveKind::Lock,
    LiveKind::Hub,
    LiveKind::Layout,
];

/// What needs attention, the state of doors, hubs and codes, and the switch for custom codes (R3).
#[component]
pub fn OverviewPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let session = use_session();
    let sets_up = session.is(Role::Manager) || session.is(Role::Administrator);
    let now = use_now();
    let load = Load::once(move || api::properties::get(property));
    let wanted = RwSignal::new(false);
    let undecided = move |property: &Tagged<Property>| wanted.get_untracked() != property.value.custom_codes_enabled;
    // Not during an unsaved change, which applies to the version that was read.
    let may = move || load.with(|read| read.is_none_or(|read| !undecided(read)));
    load.follow_changes_while(CHANGES, property.uuid(), may);
    effect(move || {
        load.with(|read| {
            if let Some(read) = read {
                scope.update((&read.value).into());
            }
        });
    });
    let on_saved = Callback::new(move |saved: Tagged<Property>| {
        load.set(saved);
    });
    let on_stale = Callback::new(move |()| load.reload());
    let title = derived(move || scope.property(property).map_or_else(String::new, |property| property.name));
    let facts = move || {
        scope.property(property).map(|property| t::overview::times(&intl::zone_label(&property.time_zone, now.get())))
    };
    view! {
        <PageHeader title facts>
            {sets_up
                .then(|| {
                    view! {
                        <Link to=Route::PropertySettings(property)>{t::overview::settings()}</Link>
                        <Link to=Route::Layout(property)>{t::overview::layout()}</Link>
                    }
                })}
        </PageHeader>
        <WaitingMail />
        <LoadView load skeleton=|| view! { <Skeleton /> } let:read>
            <Show when=move || sets_up && !read.with(|read| read.value.set_up)>
                <StillToDo property />
            </Show>
            <Needs property=derived(move || read.get().value) />
            <Cards property=derived(move || read.get().value) />
            <FeatureSwitch property=read wanted on_saved on_stale />
        </LoadView>
    }
}

/// What is missing until the property is in order, with where to do it.
#[component]
fn StillToDo(property: PropertyId) -> impl IntoView {
    let session = use_session();
    let load = Load::once(move || api::properties::setup(property));
    let step = move |step: SetupState| {
        use t::overview::setup as words;
        let hub = step.hub_id.map(|id| id.to_string());
        let (to, words) = match step.step.known() {
            Some(SetupStep::Contact) => (Some(Route::PropertySettings(property)), words::contact().to_owned()),
            Some(SetupStep::Layout) => (Some(Route::Layout(property)), words::layout().to_owned()),
            Some(SetupStep::Locks) => match step.left {
                Some(left) => {
                    return view! {
                        <li>
                            <Link to=Route::Hubs(property)>{words::hubs()}</Link> ": "
                            <Link to=Route::Doors(property) query=Query::new().with_some("hub", hub.as_deref())>
                                {words::locks_left(left)}
                            </Link>
                        </li>
                    }
                    .into_any();
                }
                None => (None, words::locks().to_owned()),
            },
            Some(SetupStep::Manager) => (Some(Route::People), words::manager().to_owned()),
            Some(SetupStep::Residents) => (Some(Route::Roster(property)), words::residents().to_owned()),
            None => (None, step.detail),
        };
        let may = |to: &Route| match to {
            Route::People => session.is(Role::Administrator),
            Route::Roster(_) => session.is(Role::Manager),
            _ => true,
        };
        match to.filter(may) {
            Some(to) => view! { <li><Link to query=Query::new().with_some("hub", hub.as_deref())>{words}</Link></li> }
                .into_any(),
            None => view! { <li>{words}</li> }.into_any(),
        }
    };
    view! {
        <section class="card" aria-labelledby="setup-title">
            <LoadView load skeleton=|| view! { <SkeletonLines lines=3 /> } let:setup>
                {move || {
                    let steps = setup.get().steps;
                    let all = intl::number(count(steps.len()));
                    let done = intl::number(count(steps.iter().filter(|step| step.done).count()));
                    let missing = steps.into_iter().filter(|step| !step.done).map(step).collect_view();
                    view! {
                        <div class="card-head">
                            <h2 id="setup-title">{t::overview::setup::title()}</h2>
                            <p class="card-aside">{t::overview::setup::done(&done, &all)}</p>
                        </div>
                        <ul>{missing}</ul>
                    }
                }}
            </LoadView>
        </section>
    }
}

/// Whether every door works.
fn settled(health: &PropertyHealth) -> bool {
    health.doors_in_order == health.doors
}

#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="card"><SkeletonLines lines=6 /></div>
        <div class="columns">
            {(0..4).map(|_| view! { <div class="card"><SkeletonLines lines=3 /></div> }).collect_view()}
        </div>
        <div class="card"><SkeletonLines lines=2 /></div>
    }
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

#[component]
fn Cards(property: Signal<Property>) -> impl IntoView {
    let id = property.with_untracked(|property| property.id);
    let health = memo(move || property.with(|property| property.health.clone()));
    let counts = memo(move || property.with(|property| property.counts.clone()));
    view! {
        <div class="columns">
            <section class="card stat">
                <h2>{t::overview::doors::title()}</h2>
                {move || health.with(|health| doors(id, health))}
            </section>
            <section class="card stat">
                <h2>{t::overview::hubs::title()}</h2>
                <p class="figure">
                    {move || health.with(|health| intl::number(count(health.hubs.iter().filter(|hub| hub.online).count())))} " "
                    <small>{move || health.with(|health| t::overview::of_total(&intl::number(count(health.hubs.len()))))}</small>
                </p>
                <Hubs property />
            </section>
            <section class="card stat">
                <h2>{t::overview::guests::title()}</h2>
                {move || counts.with(|counts| guests(id, counts))}
            </section>
            <section class="card stat">
                <h2>{t::residents::title()}</h2>
                {move || {
                    let words = intl::number(counts.with(|counts| counts.residents));
                    let query = Query::new().with("tenancy", "current");
                    view! { <p class="figure"><Counted to=Route::Residents(id) query words /></p> }
                }}
            </section>
        </div>
    }
}

fn doors(property: PropertyId, health: &PropertyHealth) -> AnyView {
    let counted = |state: &str, words| {
        let query = Query::new().with("state", state);
        view! { <Counted to=Route::Doors(property) query words /> }
    };
    let offline = (health.locks_offline > 0).then(|| {
        let words = t::overview::doors::offline(health.locks_offline);
        view! { <p class="small">{counted("offline", words)}</p> }
    });
    let unsettled = (health.doors_unsettled > 0).then(|| {
        let words = t::overview::doors::unsettled(health.doors_unsettled);
        view! { <p class="small">{counted("unsettled", words)}</p> }
    });
    let all = settled(health).then(|| {
        view! { <div class="row"><Pill tone=Tone::Good icon=Icon::Check>{t::overview::doors::settled()}</Pill></div> }
    });
    view! {
        <p class="figure">
            {counted("working", intl::number(health.doors_in_order))} " "
            <small>{counted("", t::overview::of_total(&intl::number(health.doors)))}</small>
        </p>
        {all} {offline} {unsettled}
    }
    .into_any()
}

/// The live guest codes: those that open their doors now, and those that don't (yet).
fn guests(property: PropertyId, counts: &PropertyCounts) -> AnyView {
    use t::overview::guests as words;
    let live = || Query::new().with("status", "live");
    let codes = &counts.guest_codes;
    let parts = [
        (PlacementStatus::Working, codes.working, words::working(codes.working)),
        (PlacementStatus::Waiting, codes.waiting, words::waiting(codes.waiting)),
        (PlacementStatus::Failed, codes.failed, words::failed(codes.failed)),
        (PlacementStatus::Sending, codes.sending, words::sending(codes.sending)),
        (PlacementStatus::BeingRemoved, codes.being_removed, words::being_removed(codes.being_removed)),
        (PlacementStatus::Removed, codes.removed, words::removed(codes.removed)),
    ];
    let parts = parts
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(status, _, words)| {
            let query = live().with("worst", status.name());
            view! { <p class="small"><Counted to=Route::GuestCodes(property) query words /></p> }
        })
        .collect_view();
    let none = (counts.guest_codes_live == 0).then(|| view! { <p class="small second">{words::none()}</p> });
    view! {
        <p class="figure">
            <Counted to=Route::GuestCodes(property) query=live() words=intl::number(counts.guest_codes_live) />
        </p>
        {none} {parts}
    }
    .into_any()
}

/// Each hub, with whether it answers and its doors.
#[component]
fn Hubs(property: Signal<Property>) -> impl IntoView {
    move || {
        let Property { id, health, time_zone, .. } = property.get();
        health
            .hubs
            .into_iter()
            .map(|hub| {
                let state = if hub.online {
                    view! { <span class="second">{t::doors::lock::online()}</span> }.into_any()
                } else {
                    let [before, _, after] = t::overview::hubs::offline_since();
                    view! {
                        <span class="offline">{before} <Time at=hub.since.0 zone=time_zone.clone() /> {after}</span>
                    }
                    .into_any()
                };
                let query = Query::new().with("hub", &hub.id.to_string());
                view! {
                    <p class="small">
                        {hub.name} " · " {state} " · "
                        <Counted to=Route::Doors(id) query words=t::doors::doors(hub.doors) />
                    </p>
                }
            })
            .collect_view()
    }
}

/// What needs attention, grouped by cause, worst first; then the codes that it is about.
#[component]
fn Needs(property: Signal<Property>) -> impl IntoView {
    let causes = memo(move || property.with(|property| property.health.needs.clone()));
    let total = memo(move || property.with(|property| property.health.needs_you_total));
    let things = memo(move || property.with(|property| property.health.needs_you.clone()));
    let none = memo(move || things.with(Vec::is_empty));
    let left_out = move || total.get().saturating_sub(things.with(|things| count(things.len())));
    let columns = || {
        vec![
            Column::new(t::overview::needs::door()),
            Column::new(t::overview::needs::what()),
            Column::new(t::overview::needs::on_the_lock()),
            Column::new(t::overview::needs::since()),
        ]
    };
    view! {
        <section class="card needs" aria-labelledby="needs-title">
            <div class="card-head">
                <h2 id="needs-title">{t::overview::needs::title()}</h2>
                <p class="card-aside">
                    {move || t::overview::needs::things(causes.with(|causes| count(causes.len())))}
                </p>
            </div>
            {move || if causes.with(Vec::is_empty) {
                view! { <p class="second">{t::overview::needs::nothing()}</p> }
                    .into_any()
            } else {
                let (id, zone) = property.with_untracked(|property| (property.id, property.time_zone.clone()));
                let rows = causes
                    .get()
                    .into_iter()
                    .map(|need| view! { <Cause need property=id zone=zone.clone() /> })
                    .collect_view();
                view! { <ul class="causes">{rows}</ul> }
                    .into_any()
            }}
            <Show when=move || !none.get()>
                <Table caption=t::overview::needs::caption() columns=columns()>
                    <NeedRows things property />
                </Table>
            </Show>
            <Show when=move || { left_out() > 0 }>
                <p class="table-note">{move || t::overview::needs::more(left_out())}</p>
            </Show>
        </section>
    }
}

/// A cause in a sentence, with the doors and codes that it concerns.
#[component]
fn Cause(need: Need, property: PropertyId, zone: String) -> impl IntoView {
    let name = need.name.as_deref().unwrap_or_default();
    let reason = need.reason.clone().unwrap_or(PlacementReason::Other.into());
    let since = || view! { <Time at=need.since.0.clone() zone=zone.clone() /> };
    let (mut query, mut doors) = (Query::new(), Query::new());
    let sentence = match need.cause {
        NeedCause::HubOffline | NeedCause::LockOffline => {
            let ([before, _, after], hub) = if need.cause == NeedCause::HubOffline {
                (t::overview::cause::hub_offline(name), need.hub_id.map(|id| id.to_string()))
            } else {
                (t::overview::cause::lock_offline(name), None)
            };
            doors = doors.with_some("hub", hub.as_deref());
            let door = need.door_id.map(|id| id.to_string());
            query = query.with_some("hub", hub.as_deref()).with_some("door", door.as_deref());
            view! { {before} {since()} {after} }.into_any()
        }
        NeedCause::Failed => {
            query = query.with("reason", reason.name());
            doors = query.clone().with("on_lock", "failed");
            t::overview::cause::failed(&reason_words(&reason)).into_any()
        }
        NeedCause::NotRemoved => {
            query = query.with("reason", reason.name()).with("reachable", "true");
            doors = query.clone().with("on_lock", "being_removed");
            t::overview::cause::not_removed(&reason_words(&reason)).into_any()
        }
        NeedCause::UnknownCodes => {
            doors = doors.with("state", "unknown_codes");
            t::overview::cause::unknown_codes().into_any()
        }
        NeedCause::BatteryLow => {
            doors = doors.with("state", "battery");
            t::overview::cause::battery_low().into_any()
        }
    };
    let doors = (need.cause != NeedCause::LockOffline).then(|| {
        view! { <Counted to=Route::Doors(property) query=doors words=t::doors::doors(need.doors) /> }
    });
    let codes = need
        .codes
        .iter()
        .map(|codes| {
            let (to, words) = codes_words(codes, property);
            let former = if codes.of == NeedOf::FormerResident { "former" } else { "" };
            let query = query.clone().with("on_lock", codes.status.name()).with("tenancy", former);
            view! { <Counted to query words /> }
        })
        .collect_view();
    view! {
        <li>
            <strong>{sentence}</strong>
            <span class="causes-counts small">{doors} {codes}</span>
        </li>
    }
}

/// Where the list of those codes is, and how many there are in words.
fn codes_words(codes: &NeedCodes, property: PropertyId) -> (Route, String) {
    use t::overview::{guests, people};
    let words = match (codes.of, codes.status) {
        (NeedOf::Guest, PlacementStatus::BeingRemoved) => guests::still_open,
        (NeedOf::Guest, PlacementStatus::Failed) => guests::not_on,
        (NeedOf::Guest, _) => guests::wait,
        (NeedOf::FormerResident, _) => people::former_still_open,
        (NeedOf::Resident, PlacementStatus::BeingRemoved) => people::still_open,
        (NeedOf::Resident, PlacementStatus::Failed) => people::not_on,
        (NeedOf::Resident, _) => people::wait,
    };
    let to = if codes.of == NeedOf::Guest { Route::GuestCodes(property) } else { Route::Residents(property) };
    (to, words(codes.count))
}

#[component]
fn NeedRows(things: Memo<Vec<NeedsYou>>, property: Signal<Property>) -> impl IntoView {
    let (id, zone) = property.with_untracked(|property| (property.id, property.time_zone.clone()));
    move || {
        things.get().into_iter().map(|thing| view! { <CodeRow thing property=id zone=zone.clone() /> }).collect_view()
    }
}

#[component]
fn CodeRow(thing: NeedsYou, property: PropertyId, zone: String) -> impl IntoView {
    let words = what(&thing);
    let subject = if use_session().is(Role::Manager) {
        // A former resident too: nobody disappears while their code opens a door.
        let to = match thing.resident_id {
            Some(resident) => Route::Resident { property, resident },
            None => Route::GuestCode(GuestCodeId::of_code(thing.code_id)),
        };
        view! { <Link to>{words}</Link> }.into_any()
    } else {
        let query = match thing.resident_id {
            Some(resident) => Query::new().with("resident", &resident.to_string()),
            None => Query::new().with("guest_code", &thing.code_id.to_string()),
        };
        view! { <Link to=Route::Troubleshoot query>{words}</Link> }.into_any()
    };
    let since = thing.since.as_str().to_owned();
    let step = wording::lock_step(thing.status, thing.reason.as_ref(), thing.next_step.as_deref()).map(str::to_owned);
    view! {
        <tr>
            <th scope="row">{thing.door_name}</th>
            <td class="need-what">
                {subject}
                {step.map(|step| view! { <p class="small second">{step}</p> })}
            </td>
            <td class="need-status">
                <StatusPill
                    status=thing.status
                    since=Some(thing.since)
                    reason=thing.reason
                    zone=zone.clone()
                />
            </td>
            <td class="need-since second nowrap"><Time at=since zone style=TimeStyle::Relative /></td>
        </tr>
    }
}

/// The problem in words, without digits (R32).
fn what(thing: &NeedsYou) -> String {
    let words = match (thing.guest, thing.status) {
        (false, PlacementStatus::BeingRemoved) if thing.former => t::overview::resident_code::former,
        (false, PlacementStatus::BeingRemoved) if thing.previous => t::overview::resident_code::previous,
        (true, PlacementStatus::BeingRemoved) => t::overview::guest_code::being_removed,
        (true, PlacementStatus::Waiting) => t::overview::guest_code::waiting,
        (true, PlacementStatus::Failed) => t::overview::guest_code::failed,
        (true, _) => t::overview::guest_code::named,
        (false, PlacementStatus::BeingRemoved) => t::overview::resident_code::being_removed,
        (false, PlacementStatus::Waiting) => t::overview::resident_code::waiting,
        (false, PlacementStatus::Failed) => t::overview::resident_code::failed,
        (false, _) => t::overview::resident_code::named,
    };
    words(&thing.holder)
}
