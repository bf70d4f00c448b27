//! `/audit`: what happened (R31), for support and, of their properties, for managers.

pub mod event;
pub mod period;
pub mod verify;
pub mod zone;

use std::time::Duration;

use crate::prelude::*;
use api_types::{AuditEvent, Outcome, Role};

use event::EventDialog;
use period::{PeriodFilter, use_period};
use verify::Verify;
use zone::{ZoneFilter, Zones, use_zones};

use crate::{
    api::{
        self,
        audit::{AuditQuery, ExportFormat},
    },
    components::{ListView, PageHeader, use_properties},
    intl::{self, Style},
    load::Pages,
    query::{QueryParam, use_query_params},
    session::use_session,
    ui::{
        Button, ButtonKind, Choice, Column, EmptyState, FilterSearch, FilterSelect, Icon, IconView, Pill,
        SkeletonTable, Table, Tone, use_now,
    },
};

/// How often new events are looked for while the list is live.
const REFRESH: Duration = Duration::from_secs(5);

/// Families of actions (they end in a dot) and the single ones that people look for most.
const ACTIONS: [(&str, &str); 16] = [
    ("", "Any action"),
    ("code.", "Residents’ codes"),
    ("code.revealed", "Codes seen"),
    ("code.custom.set", "Custom codes set"),
    ("code.custom.refused", "Custom codes refused"),
    ("guest_code.", "Guest codes"),
    ("placement.", "Codes on locks"),
    ("lock.", "Locks on- and offline"),
    ("hub.", "Hubs on- and offline"),
    ("property.", "Property settings"),
    ("resident.", "Residents in and out"),
    ("roster.", "Roster imports"),
    ("session.", "Web sign-ins"),
    ("session.refused", "Web sign-ins refused"),
    ("mobile_token.", "App sign-ins"),
    ("audit.", "The log itself"),
];

/// The filters whose values are ids, which links from other pages set: how each is named here.
const ABOUT: [(&str, &str); 3] =
    [("actor", "One person’s actions"), ("resident", "One resident"), ("door", "One door")];

/// The list of events, newest first, with filters in the address. No digits are in any event (R32).
#[component]
pub fn AuditPage() -> impl IntoView {
    let support = use_session().is(Role::Support);
    let scope = use_properties();
    let params = use_query_params();
    let (q, action, outcome) = (params.param("q"), params.param("action"), params.param("outcome"));
    let (property, opened, paused) = (params.param("property"), params.param("event"), params.param("paused"));
    let [actor, resident, door] = ABOUT.map(|(key, _)| params.param(key));
    let zones = use_zones(params);
    let period = use_period(params, zones);

    let query = move || {
        let (from, to) = period.instants();
        AuditQuery {
            actor: actor.get(),
            action: action.get(),
            property: property.get(),
            resident: resident.get(),
            door: door.get(),
            outcome: outcome.get(),
            q: q.get(),
            from,
            to,
        }
    };
    let pages =
        Pages::new(move || Some(query()), move |query, cursor| async move { api::audit::list(&query, cursor).await });
    let live = Signal::derive(move || paused.get().is_empty());
    pages.refresh_every(REFRESH, move || live.get_untracked() && opened.get_untracked().is_empty());

    let filtered = params.any(&["q", "action", "outcome", "property", "period", "actor", "resident", "door"]);
    let several = move || scope.load().with(|all| all.is_some_and(|all| all.len() > 1));
    let property_choices = Signal::derive(move || {
        let all = scope.all().into_iter().map(|property| Choice::new(property.id.to_string(), property.name));
        std::iter::once(Choice::new("", "Any property")).chain(all).collect::<Vec<_>>()
    });
    let clear = Callback::new(move |()| {
        let zone = zones.choice();
        params.clear();
        zones.choose(zone);
    });
    view! {
        <PageHeader title=if support { "Audit log" } else { "Activity" } facts=move || zones.sentence()>
            <Show when=move || support>
                <Verify zones />
            </Show>
            <Export query=Signal::derive(query) format=ExportFormat::Csv label="Export CSV" />
            <Export query=Signal::derive(query) format=ExportFormat::Ndjson label="Export NDJSON" />
        </PageHeader>
        <div class="filters" role="search">
            <FilterSearch
                label="Search words"
                value=q.signal()
                on_change=Callback::new(move |text: String| q.set(text))
            />
            <FilterSelect
                label="Action"
                value=action.signal()
                choices=Signal::derive(move || action_choices(&action.get()))
                on_change=Callback::new(move |choice: String| action.set(choice))
            />
            <FilterSelect
                label="Outcome"
                value=outcome.signal()
                choices=vec![
                    Choice::new("", "Any outcome"),
                    Choice::new("done", "Done"),
                    Choice::new("refused", "Refused"),
                    Choice::new("failed", "Failed"),
                ]
                on_change=Callback::new(move |choice: String| outcome.set(choice))
            />
            <Show when=several>
                <FilterSelect
                    label="Property"
                    value=property.signal()
                    choices=property_choices
                    on_change=Callback::new(move |choice: String| property.set(choice))
                />
            </Show>
            <PeriodFilter period />
            <ZoneFilter zones />
            {ABOUT.map(|(key, words)| view! { <About param=params.param(key) words /> }).collect_view()}
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>"Clear filters"</Button>
            </Show>
            <Live live on_change=Callback::new(move |on: bool| paused.set(if on { "" } else { "1" })) />
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=12 /> }
            empty=|| {
                view! {
                    <EmptyState icon=Icon::Log title="Nothing has happened yet">
                        "Every change, refusal, reveal and sign-in will be here."
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title="No events found">
                        <p>"Nothing in the log fits these filters."</p>
                        <Button on_press=clear>"Clear filters"</Button>
                    </EmptyState>
                }
            }
            let:rows
        >
            <Table caption="Events, newest first" columns=columns()>
                <For each=move || rows.get() key=|event| event.id let(event)>
                    <Row event zones opened />
                </For>
            </Table>
        </ListView>
        <EventDialog opened zones />
    }
}

fn columns() -> Vec<Column> {
    ["Time", "Action", "Who", "What", "Detail", "Outcome"].map(Column::new).to_vec()
}

/// The known choices, and the address's own if it is none of them.
fn action_choices(chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = ACTIONS.map(|(value, label)| Choice::new(value, label)).into();
    if ACTIONS.iter().all(|(value, _)| *value != chosen) {
        choices.push(Choice::new(chosen, chosen));
    }
    choices
}

/// A filter that a link has set, and the way out of it.
#[component]
fn About(param: QueryParam, words: &'static str) -> impl IntoView {
    view! {
        <Show when=move || !param.get().is_empty()>
            <Button icon=Icon::X on_press=Callback::new(move |()| param.set(""))>
                {words} <span class="visually-hidden">" only: show all"</span>
            </Button>
        </Show>
    }
}

/// Whether new events come in by themselves; rows that move can be stopped (WCAG 2.2.2).
#[component]
fn Live(live: Signal<bool>, on_change: Callback<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="pill live"
            class:moving=live
            class:plain=move || !live.get()
            aria-pressed=move || if live.get() { "true" } else { "false" }
            on:click=move |_| on_change.run(!live.get_untracked())
        >
            <IconView icon=Signal::derive(move || if live.get() { Icon::ArrowRight } else { Icon::Minus }) />
            <span>"Live"</span>
        </button>
    }
}

/// The events of these filters as a file.
#[component]
fn Export(query: Signal<AuditQuery>, format: ExportFormat, label: &'static str) -> impl IntoView {
    view! {
        <a
            class=ButtonKind::Secondary.class()
            rel="external"
            download=""
            href=move || api::audit::export_url(&query.get(), format)
        >
            <IconView icon=Icon::Download />
            {label}
        </a>
    }
}

#[component]
fn Row(event: AuditEvent, zones: Zones, opened: QueryParam) -> impl IntoView {
    let id = event.id.to_string();
    let how = how(&event);
    view! {
        <tr>
            <th scope="row" class="event-time"><EventTime at=event.at.0 property=event.property_id zones /></th>
            <td data-label="Action">
                <button type="button" class="event-open" aria-haspopup="dialog" on:click=move |_| opened.set(id.clone())>
                    <code>{breakable(&event.action)}</code>
                </button>
            </td>
            <td data-label="Who">
                <span>
                    {event.actor.name} {(!how.is_empty()).then(|| view! { <span class="event-how">{how}</span> })}
                </span>
            </td>
            <td data-label="What">{subject(event.subject.name)}</td>
            <td data-label="Detail" class="second"><span class="event-detail">{event.detail}</span></td>
            <td data-label="Outcome">{outcome_pill(event.outcome)}</td>
        </tr>
    }
}

/// The time of day, and the day unless it is today, in the chosen zone.
#[component]
fn EventTime(at: String, property: Option<uuid::Uuid>, zones: Zones) -> impl IntoView {
    let now = use_now();
    let datetime = at.clone();
    let day = {
        let at = at.clone();
        move || {
            let zone = zones.of(property);
            let (day, today) = (intl::format(&at, &zone, Style::IsoDay), intl::day_in_zone(now.get(), &zone));
            let style = if day.get(..4) == today.get(..4) { Style::Day } else { Style::Date };
            (day != today).then(|| view! { <span class="event-day">{intl::format(&at, &zone, style)}</span> })
        }
    };
    let title = {
        let at = at.clone();
        move || {
            let zone = zones.of(property);
            [&intl::format(&at, &zone, Style::DateTime), ", ", &intl::zone_label(&zone, now.get())].concat()
        }
    };
    view! {
        <time datetime=datetime title=title>
            {day}
            " "
            <code>{move || intl::format(&at, &zones.of(property), Style::Seconds)}</code>
        </time>
    }
}

/// As what and from where: `resident · iOS 2.8.0`; nothing for what Latchkey does by itself.
fn how(event: &AuditEvent) -> String {
    let channel = channel(event);
    let parts = [event.actor.role.as_str(), &channel];
    let parts: Vec<&str> = parts.into_iter().filter(|part| *part != event.actor.name).collect();
    parts.join(" · ")
}

/// `web`, `system`, `iOS 2.8.0`
fn channel(event: &AuditEvent) -> String {
    use api_types::ChannelKind::{Mobile, System, Web};
    match event.channel.kind {
        Web => "web".to_owned(),
        System => "system".to_owned(),
        Mobile => {
            let platform = match event.channel.platform.as_deref() {
                Some("ios") => "iOS",
                Some("android") => "Android",
                _ => "app",
            };
            [platform, " ", event.channel.app_version.as_deref().unwrap_or("without a version")].concat()
        }
    }
}

/// An action that may go on in the next line after its dots and dashes.
fn breakable(action: &str) -> impl IntoView + use<> {
    action.split_inclusive(['.', '_']).map(|part| view! { {part.to_owned()} <wbr /> }).collect_view()
}

fn subject(name: String) -> String {
    if name.is_empty() { "—".to_owned() } else { name }
}

fn outcome_pill(outcome: Outcome) -> impl IntoView {
    match outcome {
        Outcome::Done => view! { <Pill tone=Tone::Good icon=Icon::Check>"done"</Pill> },
        Outcome::Refused => view! { <Pill tone=Tone::Bad icon=Icon::X>"refused"</Pill> },
        Outcome::Failed => view! { <Pill tone=Tone::Waiting icon=Icon::Warning>"failed"</Pill> },
    }
}
