//! `/properties/{property}`: the state of a property, and what needs attention.

use std::time::Duration;

use crate::prelude::*;
use api_types::{Hub, NeedsYou, PlacementStatus, Property, PropertyHealth, Role};
use uuid::Uuid;

use super::properties::{hubs, hubs_online};
use crate::{
    api::{self, Tagged},
    components::{Link, LoadView, PageHeader, StatusPill, use_properties},
    forms::FeatureSwitch,
    intl,
    load::Load,
    query::Query,
    routes::Route,
    session::use_session,
    ui::{Column, Icon, Pill, SkeletonLines, Table, Time, TimeStyle, Tone, use_now},
    wording,
};

/// How often the page is refreshed while a lock needs attention, so that a person waiting at it sees it change.
const REFRESH: Duration = Duration::from_secs(4);

/// Facts, the switch for custom codes (R3), the state of doors and hubs, and what needs attention.
#[component]
pub fn OverviewPage(
    /// The property.
    property: Uuid,
) -> impl IntoView {
    let scope = use_properties();
    let now = use_now();
    let load = Load::once(move || api::properties::get(property));
    let wanted = RwSignal::new(false);
    let undecided = move |property: &Tagged<Property>| wanted.get_untracked() != property.value.custom_codes_enabled;
    load.refresh_every(REFRESH, move || {
        // Not during an unsaved change, which applies to the version that was read.
        load.with(|read| read.is_some_and(|read| !settled(&read.value.health) && !undecided(read)))
    });
    effect(move || {
        load.with(|read| {
            if let Some(read) = read {
                scope.update(&read.value);
            }
        });
    });
    let on_saved = Callback::new(move |saved: Tagged<Property>| {
        load.set(saved);
    });
    let on_stale = Callback::new(move |()| load.reload());
    let title = derived(move || scope.property(property).map_or_else(String::new, |property| property.name));
    let facts = move || {
        scope.property(property).map(|property| {
            [
                t::overview::times(&intl::zone_label(&property.time_zone, now.get())),
                t::overview::residents(property.counts.residents),
                t::overview::guest_codes_live(property.counts.guest_codes_live),
            ]
            .join(" · ")
        })
    };
    view! {
        <PageHeader title facts />
        <LoadView load skeleton=|| view! { <Skeleton /> } let:read>
            <FeatureSwitch property=read wanted on_saved on_stale />
            <Cards property=derived(move || read.get().value) />
            <Needs property=derived(move || read.get().value) />
        </LoadView>
    }
}

/// Whether every lock is in order.
fn settled(health: &PropertyHealth) -> bool {
    health.doors_in_order == health.doors
}

#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="card"><SkeletonLines lines=4 /></div>
        <div class="columns">
            {(0..3).map(|_| view! { <div class="card"><SkeletonLines lines=3 /></div> }).collect_view()}
        </div>
        <div class="card"><SkeletonLines lines=6 /></div>
    }
}

#[component]
fn Cards(property: Signal<Property>) -> impl IntoView {
    let manages = use_session().is(Role::Manager);
    let health = memo(move || property.with(|property| property.health.clone()));
    let live = move || property.with(|property| property.counts.guest_codes_live);
    view! {
        <div class="columns">
            <section class="card stat">
                <h2>{t::overview::doors::title()}</h2>
                <p class="figure">
                    {move || health.with(|health| intl::number(health.doors_in_order))} " "
                    <small>{move || health.with(|health| t::overview::of_total(&intl::number(health.doors)))}</small>
                </p>
                <div class="row">{move || health.with(door_pills)}</div>
            </section>
            <section class="card stat">
                <h2>{t::overview::hubs::title()}</h2>
                <p class="figure">
                    {move || health.with(|health| intl::number(hubs_online(health)))} " "
                    <small>{move || health.with(|health| t::overview::of_total(&intl::number(hubs(health))))}</small>
                </p>
                <Hubs property />
            </section>
            <section class="card stat">
                <h2>{t::overview::guests::title()}</h2>
                <p class="figure">{move || intl::number(live())}</p>
                <p class="small second">
                    {move || if live() == 0 { t::overview::guests::none() } else { t::overview::guests::some() }} " "
                    {manages
                        .then(|| view! {
                            <Link to=Route::GuestCodes(property.with_untracked(|property| property.id))>
                                {t::overview::guests::see()}
                            </Link>
                        })}
                </p>
            </section>
        </div>
    }
}

fn door_pills(health: &PropertyHealth) -> impl IntoView + use<> {
    let removals = (health.removals_unconfirmed > 0).then(|| {
        let words = t::overview::doors::not_removed(health.removals_unconfirmed);
        view! { <Pill tone=Tone::Bad icon=Icon::Door>{words}</Pill> }
    });
    let failed = (health.failed > 0).then(|| {
        let words = t::overview::doors::failed(health.failed);
        view! { <Pill tone=Tone::Bad icon=Icon::X>{words}</Pill> }
    });
    let waiting = (health.waiting > 0).then(|| {
        let words = t::overview::doors::waiting(health.waiting);
        view! { <Pill tone=Tone::Waiting icon=Icon::Clock>{words}</Pill> }
    });
    let sending = removals.is_none() && failed.is_none() && waiting.is_none();
    let rest = sending.then(|| {
        if settled(health) {
            view! { <Pill tone=Tone::Good icon=Icon::Check>{t::overview::doors::settled()}</Pill> }
        } else {
            view! { <Pill tone=Tone::Moving icon=Icon::ArrowRight>{t::overview::doors::sending()}</Pill> }
        }
    });
    view! { {removals} {failed} {waiting} {rest} }
}

/// The hubs that are offline, since when, and what that means.
#[component]
fn Hubs(property: Signal<Property>) -> impl IntoView {
    move || {
        let Property { health, time_zone, .. } = property.get();
        let offline: Vec<Hub> = health.hubs.into_iter().filter(|hub| !hub.online).collect();
        let locks = (health.locks_offline > 0).then(|| {
            let words = t::overview::hubs::locks_silent(health.locks_offline);
            view! { <p class="small second">{words}</p> }
        });
        let hubs = if offline.is_empty() {
            view! { <p class="small second">{t::overview::hubs::all_answer()}</p> }.into_any()
        } else {
            offline
                .into_iter()
                .map(|hub| {
                    let [before, _, after] = t::overview::hubs::offline_since();
                    view! {
                        <p class="offline small">
                            {hub.name} " " {before} <Time at=hub.since.0 zone=time_zone.clone() /> {after}
                        </p>
                    }
                })
                .collect_view()
                .into_any()
        };
        view! { {hubs} {locks} }
    }
}

/// What needs attention, worst first.
#[component]
fn Needs(property: Signal<Property>) -> impl IntoView {
    let total = memo(move || property.with(|property| property.health.needs_you_total));
    let things = memo(move || property.with(|property| property.health.needs_you.clone()));
    let none = memo(move || things.with(Vec::is_empty));
    let left_out = move || total.get().saturating_sub(things.with(|things| u32::try_from(things.len()).unwrap_or(0)));
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
                <p class="card-aside">{move || t::overview::needs::things(total.get())}</p>
            </div>
            {move || if none.get() {
                view! { <p class="second">{t::overview::needs::nothing()}</p> }
                    .into_any()
            } else {
                view! {
                    <Table caption=t::overview::needs::caption() columns=columns()>
                        <NeedRows things property />
                    </Table>
                }
                    .into_any()
            }}
            <Show when=move || { left_out() > 0 }>
                <p class="table-note">{move || t::overview::needs::more(left_out())}</p>
            </Show>
        </section>
    }
}

#[component]
fn NeedRows(things: Memo<Vec<NeedsYou>>, property: Signal<Property>) -> impl IntoView {
    let (id, zone) = property.with_untracked(|property| (property.id, property.time_zone.clone()));
    move || things.get().into_iter().map(|thing| view! { <Need thing property=id zone=zone.clone() /> }).collect_view()
}

#[component]
fn Need(thing: NeedsYou, property: Uuid, zone: String) -> impl IntoView {
    let words = what(&thing);
    let subject = if use_session().is(Role::Manager) {
        match (thing.guest, thing.unit) {
            (true, _) => view! { <Link to=Route::GuestCode(thing.code_id)>{words}</Link> }.into_any(),
            (false, unit) => {
                let query = Query::new().with_some("unit", unit.as_deref());
                view! { <Link to=Route::Residents(property) query>{words}</Link> }.into_any()
            }
        }
    } else {
        // Support can't open residents' or guests' codes, but sees the events at the door.
        let query = Query::new().with("door", &thing.door_id.to_string());
        view! { <Link to=Route::Audit query>{words}</Link> }.into_any()
    };
    let since = thing.since.as_str().to_owned();
    let step = wording::lock_step(thing.status, thing.reason.as_deref(), thing.next_step.as_deref()).map(str::to_owned);
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
