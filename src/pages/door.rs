//! `/properties/{property}/doors/{door}`: a door's lock and hub, what is in its slots, its battery, and what happened here.

use crate::prelude::*;
use api_types::{BatteryReading, DoorDetails, DoorLock, LiveKind, LockSlot, PlacementStatus, Role, SentAgain};
use ids::{DoorId, GuestCodeId, LockId, PropertyId};

use super::{
    doors::{kind_name, low_battery},
    hubs::{abilities_in_words, dialog_of, state_view},
};
use crate::{
    api,
    components::{Card, FormProblem, Link, LoadView, PageHeader, StatusPill, event_list, use_properties},
    intl,
    load::Load,
    mutation::{Mutation, invalid},
    query::Query,
    routes::Route,
    session::use_session,
    ui::{
        Button, ButtonKind, Column, ConfirmDialog, Dialog, Icon, Pill, SkeletonLines, Table, TextField, Time, Tone,
        read_fields, use_now, use_toasts,
    },
};

/// What changes what is said of a door and its locks.
const CHANGES: &[LiveKind] = &[LiveKind::Lock, LiveKind::Placement, LiveKind::Layout];

/// What the page is asked to do.
#[derive(Clone, Copy)]
struct Asked {
    door: DoorId,
    property: PropertyId,
    load: Load<DoorDetails>,
    unlink: RwSignal<Option<String>>,
    reasoned: RwSignal<Option<Reasoned>>,
    /// Whether they manage the property, and may issue for the door and see whose codes are on it.
    manages: bool,
    zone: StoredValue<String>,
}

/// A door with its lock.
#[component]
pub fn DoorPage(
    /// The property.
    property: PropertyId,
    /// The door.
    door: DoorId,
) -> impl IntoView {
    let (scope, session, now) = (use_properties(), use_session(), use_now());
    let load = Load::once(move || api::hubs::door(door));
    load.follow_changes(CHANGES, door.uuid());
    load.follow_changes(&[LiveKind::Hub], property.uuid());
    let asked = Asked {
        door,
        property,
        load,
        unlink: RwSignal::new(None),
        reasoned: RwSignal::new(None),
        manages: session.is(Role::Manager),
        zone: StoredValue::new(scope.zone(property)),
    };
    let title = derived(move || {
        let name = load.with(|door| door.map(|door: &DoorDetails| door.door.name.clone()));
        name.unwrap_or_else(|| t::shell::titles::door().to_owned())
    });
    let facts = move || {
        let words = load.with(|door| {
            door.map(|door: &DoorDetails| {
                [Some(kind_name(door.door.kind).to_owned()), door.building.clone()].into_iter().flatten().collect()
            })
        });
        let words: Vec<String> = words.unwrap_or_default();
        let times = t::doors::times(&intl::zone_label(&asked.zone.get_value(), now.get()));
        words.into_iter().chain([times]).collect::<Vec<_>>().join(" · ")
    };
    // Support has no list of doors.
    let (back, back_words) = if session.is(Role::Manager) || session.is(Role::Administrator) {
        (Route::Doors(property), t::door::back())
    } else {
        (Route::Property(property), t::hubs::back())
    };
    let issue = asked.manages.then(|| {
        view! {
            <Link
                to=Route::GuestCodeNew(property)
                query=Query::new().with("door", &door.to_string())
                class=ButtonKind::Secondary.class()
            >
                {t::door::issue()}
            </Link>
        }
    });
    view! {
        <p class="back"><Link to=back>{back_words}</Link></p>
        <PageHeader title facts>{issue}</PageHeader>
        <LoadView load skeleton=|| view! { <div class="card"><SkeletonLines lines=6 /></div> } let:door>
            <div class="stack">
                {
                    // Made anew when something of it has changed, and only then.
                    let shown = memo(move || door.get());
                    move || details(shown.get(), asked)
                }
            </div>
        </LoadView>
        <Unlink asked />
        <ReasonDialog asked />
    }
}

fn details(door: DoorDetails, asked: Asked) -> AnyView {
    let zone = asked.zone.get_value();
    let may_link = door.may_link;
    let former = door.former_locks.into_iter().map(|lock| view! { <Former lock asked may_link /> }).collect_view();
    let lock = match door.lock {
        Some(lock) => view! { <Current lock asked may_link etag=door.etag /> }.into_any(),
        None => view! { <NoLock waiting=door.waiting asked may_link /> }.into_any(),
    };
    let events = (!door.events.is_empty()).then(|| {
        let all = Query::new().with("door", &asked.door.to_string());
        view! {
            <Card title=t::door::events()>
                {event_list(door.events, &zone)}
                <p><Link to=Route::Audit query=all>{t::common::history::all()}</Link></p>
            </Card>
        }
    });
    view! { {lock} {former} {events} }.into_any()
}

/// What a door without a lock shows: the codes that wait, and where to link one.
#[component]
fn NoLock(waiting: Vec<LockSlot>, asked: Asked, may_link: bool) -> impl IntoView {
    let count = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
    let waits = (count > 0).then(|| view! { <Slots caption=t::door::waiting() slots=waiting asked /> });
    view! {
        <Card title=t::door::lock()>
            <p><Pill tone=Tone::Waiting icon=Icon::Warning>{t::lock::reason::no_lock_linked()}</Pill></p>
            <p>{if count > 0 { t::door::codes_wait(count) } else { t::door::nothing_waits().to_owned() }}</p>
            {may_link.then(|| view! { <LinkLink asked words=t::door::link() /> })}
            {waits}
        </Card>
    }
}

/// Leads to the hubs, to choose one of their locks for the door.
#[component]
fn LinkLink(asked: Asked, words: &'static str) -> impl IntoView {
    view! {
        <Link
            to=Route::Hubs(asked.property)
            query=Query::new().with("door", &asked.door.to_string())
            class=ButtonKind::Secondary.class()
        >
            {words}
        </Link>
    }
}

/// The lock that is on the door now.
#[component]
fn Current(lock: DoorLock, asked: Asked, may_link: bool, etag: String) -> impl IntoView {
    let toasts = use_toasts();
    let again = Mutation::new(
        move |()| api::hubs::send_again(asked.door),
        move |sent: SentAgain| {
            toasts.done(t::door::sent_again(sent.codes));
            asked.load.reload();
        },
    );
    effect(move || {
        if let Some(error) = again.error().get() {
            toasts.failed(error.sentence());
        }
    });
    let zone = asked.zone.get_value();
    let open = lock.slots.iter().chain(&lock.waiting).any(|slot| slot.state != PlacementStatus::Working);
    let etag = StoredValue::new(etag);
    let actions = may_link.then(|| {
        let send = open.then(|| {
            view! {
                <Button busy=again.pending() on_press=Callback::new(move |()| again.submit(()))>
                    {t::door::send_again()}
                </Button>
            }
        });
        view! {
            <div class="row">
                {send} <LinkLink asked words=t::door::exchange() />
                <Button
                    kind=ButtonKind::Danger
                    on_press=Callback::new(move |()| asked.unlink.set(Some(etag.get_value())))
                >
                    {t::door::unlink()}
                </Button>
            </div>
        }
    });
    let abilities = lock.abilities.as_ref().map(abilities_in_words);
    let hub = if may_link {
        let to = Route::HubLocks { property: asked.property, hub: lock.hub_id };
        view! { <Link to>{lock.hub_name.clone()}</Link> }.into_any()
    } else {
        lock.hub_name.clone().into_any()
    };
    let used = lock.slots.len().to_string();
    let slots = t::doors::lock::slots(&used, &lock.slots_total.to_string());
    let waiting = (!lock.waiting.is_empty())
        .then(|| view! { <Slots caption=t::door::waiting_for_slot() slots=lock.waiting asked /> });
    let unknown = (!lock.unknown_codes.is_empty()).then(|| {
        let zone = asked.zone.get_value();
        let codes = lock.unknown_codes.into_iter().map(|code| {
            let words = t::door::unknown_in(&code.slot.to_string());
            let slot = code.slot;
            let action = if code.clearing {
                view! { <Pill tone=Tone::Moving icon=Icon::Clock>{t::door::clear::under_way()}</Pill> }.into_any()
            } else if may_link {
                let ask = Callback::new(move |()| asked.reasoned.set(Some(Reasoned::Clear(slot))));
                view! { <Button kind=ButtonKind::Danger on_press=ask>{t::door::clear::button()}</Button> }.into_any()
            } else {
                ().into_any()
            };
            view! { <li>{words} " · " <Time at=code.since.0 zone=zone.clone() /> " " {action}</li> }
        });
        let codes = codes.collect_view();
        view! {
            <Card title=t::door::unknown()>
                <p>{t::door::unknown_about()}</p>
                <ul>{codes}</ul>
            </Card>
        }
    });
    let battery = battery_view(lock.battery, &zone);
    let level = lock.battery_percent.map(|percent| {
        let words = percent.to_string();
        if low_battery(percent) {
            view! { <Pill tone=Tone::Bad icon=Icon::Warning>{t::doors::lock::battery_low(&words)}</Pill> }.into_any()
        } else {
            t::doors::lock::battery(&words).into_any()
        }
    });
    view! {
        <Card title=t::door::lock()>
            <dl class="facts">
                <div><dt>{t::hubs::columns::state()}</dt><dd>{state_view(lock.online, lock.since.as_str(), &zone)}</dd></div>
                <div><dt>{t::doors::columns::hub()}</dt><dd>{hub}</dd></div>
                {lock.model.map(|model| view! { <div><dt>{t::door::model()}</dt><dd>{model}</dd></div> })}
                {abilities.map(|words| view! { <div><dt>{t::hubs::locks::abilities()}</dt><dd>{words}</dd></div> })}
                <div><dt>{t::doors::columns::codes()}</dt><dd>{slots}</dd></div>
                {level.map(|level| view! { <div><dt>{t::doors::columns::battery()}</dt><dd>{level}</dd></div> })}
            </dl>
            {actions}
        </Card>
        <Card title=t::door::slots()>
            {if lock.slots.is_empty() {
                view! { <p>{t::door::no_codes()}</p> }.into_any()
            } else {
                view! { <Slots caption=t::door::slots() slots=lock.slots asked /> }.into_any()
            }}
            {waiting}
        </Card>
        {unknown}
        {battery}
    }
}

/// What the battery was, newest first.
fn battery_view(readings: Vec<BatteryReading>, zone: &str) -> Option<AnyView> {
    if readings.len() < 2 {
        return None;
    }
    let count = u32::try_from(readings.len()).unwrap_or(u32::MAX);
    let rows = readings.into_iter().rev().map(|reading| {
        let percent = reading.percent.to_string();
        view! {
            <tr>
                <th scope="row"><Time at=reading.at.0 zone=zone.to_owned() /></th>
                <td data-label=t::doors::columns::battery() class="number">
                    <meter min="0" max="100" low="20" value=percent.clone() aria-hidden="true"></meter> " "
                    {t::doors::lock::battery(&percent)}
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let columns = vec![Column::new(t::door::when()), Column::new(t::doors::columns::battery())];
    Some(
        view! {
            <Card title=t::door::battery()>
                <details>
                    <summary>{t::door::battery_readings(count)}</summary>
                    <Table caption=t::door::battery() columns>{rows}</Table>
                </details>
            </Card>
        }
        .into_any(),
    )
}

/// Codes at a lock, each with whose it is and how it stands.
#[component]
fn Slots(caption: &'static str, slots: Vec<LockSlot>, asked: Asked) -> impl IntoView {
    let columns = [t::door::slot(), t::door::holder(), t::door::status(), t::door::since()];
    let columns = columns.map(Column::new).into();
    let rows = slots.into_iter().map(|slot| view! { <SlotRow held=slot asked /> }).collect_view();
    view! { <Table caption columns>{rows}</Table> }
}

#[component]
fn SlotRow(held: LockSlot, asked: Asked) -> impl IntoView {
    let slot = held;
    let zone = asked.zone.get_value();
    let name = slot.holder.clone();
    let guest = slot.guest.then(|| view! { <span class="cell-note">{t::door::guest()}</span> });
    let holder = match (name, slot.code_id, slot.resident_id) {
        (Some(name), Some(code), _) if slot.guest && asked.manages => {
            view! { <Link to=Route::GuestCode(GuestCodeId::of_code(code))>{name}</Link> }.into_any()
        }
        (Some(name), _, Some(resident)) if asked.manages => {
            view! { <Link to=Route::Resident { property: asked.property, resident }>{name}</Link> }.into_any()
        }
        (Some(name), ..) => name.into_any(),
        (None, ..) if slot.guest => t::door::a_guest().into_any(),
        (None, ..) => t::door::a_resident().into_any(),
    };
    let next = slot.next_step.filter(|_| slot.state != PlacementStatus::Working && crate::locale::is_the_servers());
    let technical = [slot.attempts.filter(|tries| *tries > 1).map(t::door::attempts), slot.protocol_error];
    let technical: Vec<String> = technical.into_iter().flatten().collect();
    view! {
        <tr>
            <th scope="row">{slot.slot.map_or_else(|| "—".to_owned(), |slot| slot.to_string())}</th>
            <td data-label=t::door::holder()>{holder} {guest}</td>
            <td data-label=t::door::status()>
                <StatusPill status=slot.state since=Some(slot.since.clone()) reason=slot.reason zone=zone.clone() />
                {next.map(|next| view! { <span class="cell-note">{next}</span> })}
                {(!technical.is_empty()).then(|| view! { <span class="cell-note">{technical.join(" · ")}</span> })}
            </td>
            <td data-label=t::door::since()><Time at=slot.since.0 zone /></td>
        </tr>
    }
}

/// A lock that the door had before and that may still hold codes (R24).
#[component]
fn Former(lock: DoorLock, asked: Asked, may_link: bool) -> impl IntoView {
    let zone = asked.zone.get_value();
    let id = lock.id;
    let what = lock.model.or(lock.hub_lock).unwrap_or_default();
    let [before, _, after] = t::door::former_since();
    let since = lock.former_since.map(|since| view! { {before} <Time at=since.0 zone=zone.clone() /> {after} });
    let confirm = may_link.then(|| {
        view! {
            <Button kind=ButtonKind::Danger on_press=Callback::new(move |()| asked.reasoned.set(Some(Reasoned::Gone(id))))>
                {t::door::gone::button()}
            </Button>
        }
    });
    view! {
        <Card title=t::door::former()>
            <p><Pill tone=Tone::Bad icon=Icon::Warning>{t::door::still_opens()}</Pill> " " {what} " · " {since}</p>
            <p>{state_view(lock.online, lock.since.as_str(), &zone)}</p>
            <Slots caption=t::door::former() slots=lock.slots asked />
            {confirm}
        </Card>
    }
}

/// Asks before a lock is let go.
#[component]
fn Unlink(asked: Asked) -> impl IntoView {
    let toasts = use_toasts();
    let open = dialog_of(asked.unlink);
    let unlink = Mutation::new(
        move |etag: String| async move { api::hubs::unlink(asked.door, &etag).await },
        move |door: DoorDetails| {
            open.set(false);
            toasts.done(t::door::unlinked(&door.door.name));
            asked.load.set(door);
        },
    );
    effect(move || {
        if asked.unlink.with(Option::is_some) {
            unlink.clear();
        }
    });
    effect(move || {
        if unlink.error().with(|error| error.as_ref().is_some_and(api::ApiError::is_stale)) {
            asked.load.reload();
        }
    });
    let submit = Callback::new(move |()| {
        if let Some(etag) = asked.unlink.get_untracked() {
            unlink.submit(etag);
        }
    });
    let title = derived(|| t::door::unlink_question().to_owned());
    view! {
        <ConfirmDialog open title confirm=t::door::unlink() busy=unlink.pending() on_confirm=submit>
            <FormProblem mutation=unlink />
            <p>{t::door::unlink_effect()}</p>
        </ConfirmDialog>
    }
}

/// What is only done with a reason.
#[derive(Clone, Copy, PartialEq)]
enum Reasoned {
    /// Confirming that a former lock opens nothing any more.
    Gone(LockId),
    /// Having a slot emptied that holds a code which isn't ours.
    Clear(u16),
}

/// What is said where a reason is asked for.
struct ReasonTexts {
    title: &'static str,
    about: &'static str,
    reason: &'static str,
    hint: &'static str,
    missing: &'static str,
    submit: &'static str,
    done: &'static str,
}

impl Reasoned {
    fn texts(self) -> ReasonTexts {
        match self {
            Self::Gone(_) => ReasonTexts {
                title: t::door::gone::title(),
                about: t::door::gone::about(),
                reason: t::door::gone::reason(),
                hint: t::door::gone::hint(),
                missing: t::door::gone::missing(),
                submit: t::door::gone::submit(),
                done: t::door::gone::done(),
            },
            Self::Clear(_) => ReasonTexts {
                title: t::door::clear::title(),
                about: t::door::clear::about(),
                reason: t::door::clear::reason(),
                hint: t::door::clear::hint(),
                missing: t::door::clear::missing(),
                submit: t::door::clear::submit(),
                done: t::door::clear::done(),
            },
        }
    }
}

/// Asks for the reason of what is only done with one.
#[component]
fn ReasonDialog(asked: Asked) -> impl IntoView {
    let open = dialog_of(asked.reasoned);
    let title = derived(move || asked.reasoned.get().map(|what| what.texts().title.to_owned()).unwrap_or_default());
    view! {
        <Dialog open title>{move || asked.reasoned.get().map(|what| view! { <ReasonForm what asked open /> })}</Dialog>
    }
}

#[component]
fn ReasonForm(what: Reasoned, asked: Asked, open: RwSignal<bool>) -> impl IntoView {
    let toasts = use_toasts();
    let reason = RwSignal::new(String::new());
    let ReasonTexts { about, reason: label, hint, missing, submit: button, done, .. } = what.texts();
    let confirm = Mutation::new(
        move |reason: String| async move {
            match what {
                Reasoned::Gone(lock) => api::hubs::confirm_gone(asked.door, lock, reason).await,
                Reasoned::Clear(slot) => api::hubs::clear_code(asked.door, slot, reason).await,
            }
        },
        move |door: DoorDetails| {
            open.set(false);
            toasts.done(done);
            asked.load.set(door);
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let reason = reason.get_untracked();
        if reason.trim().is_empty() {
            confirm.refuse(vec![invalid("reason", missing)]);
        } else {
            confirm.submit(reason);
        }
    };
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| confirm.mend(&event)>
            <FormProblem mutation=confirm />
            <p>{about}</p>
            <TextField
                label
                name="reason"
                value=reason
                max_length=200
                hint=derived(move || hint.to_owned())
                error=confirm.field_error("reason")
            />
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind=ButtonKind::LastStep submit=true busy=confirm.pending()>{button}</Button>
            </div>
        </form>
    }
}
