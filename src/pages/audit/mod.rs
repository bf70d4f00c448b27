//! `/audit`: the audit log (R31), for support, and for managers that of their properties.

pub mod event;
pub mod period;
pub mod verify;
pub mod zone;

use crate::prelude::*;
use api_types::{Action, AuditEvent, ChannelKind, LiveKind, MaybeKnown, Platform, Role, SubjectKind};
use ids::PropertyId;

use event::EventDialog;
use period::{PeriodFilter, use_period};
use verify::Verify;
use zone::{ZoneFilter, Zones, use_zones};

use crate::{
    api::{
        self,
        audit::{AuditQuery, ExportFormat},
    },
    components::{
        ListRows, ListView, PageHeader, Standing, actor_name, actor_role, event_detail, event_subject, use_properties,
    },
    intl::{self, Style},
    load::Pages,
    query::{QueryParam, use_query_params},
    session::use_session,
    ui::{
        Button, ButtonKind, Choice, Column, EmptyState, FilterSearch, FilterSelect, Icon, IconView, SkeletonTable,
        Table, use_now,
    },
    wording,
};

/// The parameter of the address that names the event in the dialog.
const OPENED: &str = "event";

/// The families of actions, by the beginning that their names have in common.
fn families() -> [(&'static str, &'static str); 16] {
    use t::audit::actions;
    [
        ("code.", actions::codes()),
        ("guest_code.", actions::guest_codes()),
        ("placement.", actions::placements()),
        ("lock.", actions::locks()),
        ("hub.", actions::hubs()),
        ("property.", actions::properties()),
        ("building.", actions::buildings()),
        ("unit.", actions::units()),
        ("door.", actions::doors()),
        ("resident.", actions::residents()),
        ("roster.", actions::rosters()),
        ("session.", actions::sessions()),
        ("mobile_token.", actions::mobile_tokens()),
        ("person.", actions::people()),
        ("access.", actions::without_permission()),
        ("record.", actions::damaged()),
    ]
}

/// What can be filtered by: families of actions, each followed by its actions, if it has several.
pub fn actions() -> Vec<Choice> {
    let mut choices = vec![Choice::new("", t::audit::actions::any())];
    for (family, label) in families() {
        choices.push(Choice::new(family, label));
        let of_family: Vec<_> = Action::ALL.iter().filter(|action| action.name().starts_with(family)).collect();
        if of_family.len() > 1 {
            let indented =
                |action: &&Action| Choice::new(action.name(), ["\u{a0}\u{a0}", wording::action(**action)].concat());
            choices.extend(of_family.iter().map(indented));
        }
    }
    choices
}

/// The list of events, newest first, with filters in the address. Events contain no digits (R32).
#[component]
pub fn AuditPage() -> impl IntoView {
    let support = use_session().is(Role::Support);
    let scope = use_properties();
    let params = use_query_params();
    let (q, action, outcome) = (params.param("q"), params.param("action"), params.param("outcome"));
    let (property, opened, paused) = (params.param("property"), params.param(OPENED), params.param("paused"));
    // Their values are ids, set by links on other pages.
    let [actor, resident, door] = ["actor", "resident", "door"].map(|key| params.param(key));
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
            // What is searched for may be in any event of an entry, so then each stands by itself.
            grouped: [q, action, outcome, actor, resident, door].iter().all(|param| param.get().is_empty()),
        }
    };
    let pages =
        Pages::new(move || Some(query()), move |query, cursor| async move { api::audit::list(&query, cursor).await });
    let live = derived(move || paused.get().is_empty());
    let may = move || live.get_untracked() && opened.get_untracked().is_empty();
    pages.follow_changes(&[LiveKind::Audit], None, may);

    let filtered = params.any(&["q", "action", "outcome", "property", "period", "actor", "resident", "door"]);
    let several = move || scope.load().with(|all| all.is_some_and(|all| all.len() > 1));
    let property_choices = derived(move || {
        let all = scope.all().into_iter().map(|property| Choice::new(property.id.to_string(), property.name));
        std::iter::once(Choice::new("", t::audit::filters::any_property())).chain(all).collect::<Vec<_>>()
    });
    let clear = Callback::new(move |()| {
        let zone = zones.choice();
        params.clear();
        zones.choose(zone);
    });
    let title = if support { t::shell::titles::audit_log() } else { t::shell::titles::activity() };
    view! {
        <PageHeader title facts=move || zones.sentence()>
            <Show when=move || support>
                <Verify zones />
            </Show>
            <Export query=derived(query) format=ExportFormat::Csv label=t::audit::export_csv() />
            <Export query=derived(query) format=ExportFormat::Ndjson label=t::audit::export_ndjson() />
        </PageHeader>
        <div class="filters" role="search">
            <FilterSearch
                label=t::audit::filters::words()
                value=q.signal()
                on_change=Callback::new(move |text: String| q.set(text))
            />
            <FilterSelect
                label=t::audit::filters::action()
                value=action.signal()
                choices=derived(move || action_choices(&action.get()))
                on_change=Callback::new(move |choice: String| action.set(choice))
            />
            <FilterSelect
                label=t::audit::filters::outcome()
                value=outcome.signal()
                choices=vec![
                    Choice::new("", t::audit::filters::any_outcome()),
                    Choice::new("done", t::audit::filters::done()),
                    Choice::new("refused", t::audit::filters::refused()),
                    Choice::new("failed", t::audit::filters::failed()),
                ]
                on_change=Callback::new(move |choice: String| outcome.set(choice))
            />
            <Show when=several>
                <FilterSelect
                    label=t::audit::filters::property()
                    value=property.signal()
                    choices=property_choices
                    on_change=Callback::new(move |choice: String| property.set(choice))
                />
            </Show>
            <PeriodFilter period />
            <ZoneFilter zones />
            <About param=actor words=t::audit::about::actor() />
            <About param=resident words=t::audit::about::resident() />
            <About param=door words=t::audit::about::door() />
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>{t::audit::filters::clear()}</Button>
            </Show>
            <Live live on_change=Callback::new(move |on: bool| paused.set(if on { "" } else { "1" })) />
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=12 /> }
            empty=|| {
                view! {
                    <EmptyState icon=Icon::Log title=t::audit::empty::title()>
                        {t::audit::empty::hint()}
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title=t::audit::no_results::title()>
                        <p>{t::audit::no_results::hint()}</p>
                        <Button on_press=clear>{t::audit::filters::clear()}</Button>
                    </EmptyState>
                }
            }
        >
            <Table windowed="columns-log" caption=t::audit::caption() columns=columns()>
                <ListRows pages key=|event| (event.id, event.parts.as_ref().map(|it| (it.count, it.outcome, it.waiting))) let(event)>
                    <Row event zones opened />
                </ListRows>
            </Table>
        </ListView>
        <EventDialog opened />
    }
}

fn columns() -> Vec<Column> {
    use t::audit::columns;
    let heads =
        [columns::time(), columns::action(), columns::who(), columns::what(), columns::detail(), columns::outcome()];
    heads.map(Column::new).into()
}

/// The known actions, and the one in the address if it isn't one of them.
fn action_choices(chosen: &str) -> Vec<Choice> {
    let mut choices = actions();
    if choices.iter().all(|choice| choice.value != chosen) {
        choices.push(Choice::new(chosen, wording::action_or_name(&chosen.to_owned().into())));
    }
    choices
}

/// A filter that a link has set, with a button to remove it.
#[component]
fn About(param: QueryParam, words: [&'static str; 3]) -> impl IntoView {
    let [before, hidden, after] = words;
    view! {
        <Show when=move || !param.get().is_empty()>
            <Button icon=Icon::X on_press=Callback::new(move |()| param.set(""))>
                {before} <span class="visually-hidden">{hidden}</span> {after}
            </Button>
        </Show>
    }
}

/// Whether the list refreshes by itself; moving content can be paused (WCAG 2.2.2).
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
            {move || view! { <IconView icon=if live.get() { Icon::Radio } else { Icon::Pause } /> }}
            <span>{t::audit::live()}</span>
        </button>
    }
}

/// A link that exports the events that match the filters.
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
    let (how, what) = (how(&event), wording::action_or_name(&event.action).to_owned());
    let ((subject, subject_lang), (detail, detail_lang)) =
        (event_subject(&event), event_detail(&event, &zones.of(event.property_id)));
    let outcome = Standing::of_entry(&event).pill();
    let more = event.parts.as_ref().map(|parts| {
        view! { <span class="event-how">{t::audit::more(parts.count)}</span> }
    });
    view! {
        <tr>
            <th scope="row" class="event-time"><EventTime at=event.at.0 property=event.property_id zones /></th>
            <td data-label=t::audit::columns::action()>
                <button type="button" class="event-open" aria-haspopup="dialog" on:click=move |_| opened.set(id.clone())>
                    {what}
                </button>
                {more}
            </td>
            <td data-label=t::audit::columns::who() class="words">
                <span>
                    {actor_name(&event.actor)}
                    {(!how.is_empty()).then(|| view! { <span class="event-how">{how}</span> })}
                </span>
            </td>
            <td data-label=t::audit::columns::what() class="words"><span lang=subject_lang>{subject}</span></td>
            <td data-label=t::audit::columns::detail() class="second words">
                <span class="event-detail" lang=detail_lang>{detail}</span>
            </td>
            <td data-label=t::audit::columns::outcome()>{outcome}</td>
        </tr>
    }
}

/// The time, with the day unless it is today, in the chosen zone.
#[component]
fn EventTime(at: String, property: Option<PropertyId>, zones: Zones) -> impl IntoView {
    let now = use_now();
    let datetime = at.clone();
    let day = {
        let at = at.clone();
        move || {
            let day = intl::day_unless_today(&at, &zones.of(property), now.get());
            day.map(|day| view! { <span class="event-day">{day}</span> })
        }
    };
    view! {
        <time datetime=datetime data-zone=move || zones.of(property)>
            {day} " " <code>{move || intl::format(&at, &zones.of(property), Style::Seconds)}</code>
        </time>
    }
}

/// Role and channel: `resident · iOS 2.8.0`; empty for what Latchkey does by itself.
fn how(event: &AuditEvent) -> String {
    let nobody = event.actor.name == event.actor.role.name();
    let role = (!nobody).then(|| actor_role(&event.actor.role));
    let channel = (!nobody || event.channel.kind != ChannelKind::System).then(|| channel(event));
    role.into_iter().chain(channel).collect::<Vec<_>>().join(" · ")
}

/// `web`, `system`, `iOS 2.8.0`
fn channel(event: &AuditEvent) -> String {
    match event.channel.kind {
        ChannelKind::Web => t::audit::channels::web().to_owned(),
        ChannelKind::System => t::audit::channels::system().to_owned(),
        ChannelKind::Mobile => {
            let platform = match event.channel.platform.as_ref().and_then(MaybeKnown::known) {
                Some(Platform::Ios) => "iOS",
                Some(Platform::Android) => "Android",
                None => t::audit::channels::app(),
            };
            match event.channel.app_version.as_deref() {
                Some(version) => t::audit::channels::version(platform, version),
                None => t::audit::channels::no_version(platform),
            }
        }
    }
}

/// The kind of a subject in words.
fn kind_words(kind: &MaybeKnown<SubjectKind>) -> String {
    let MaybeKnown::Known(known) = kind else { return kind.name().replace('_', " ") };
    match known {
        SubjectKind::Property => t::audit::kinds::property(),
        SubjectKind::Building => t::audit::kinds::building(),
        SubjectKind::Unit => t::audit::kinds::unit(),
        SubjectKind::Door => t::audit::kinds::door(),
        SubjectKind::Hub => t::audit::kinds::hub(),
        SubjectKind::Resident => t::audit::kinds::resident(),
        SubjectKind::Person => t::audit::kinds::person(),
        SubjectKind::Code => t::audit::kinds::code(),
        SubjectKind::GuestCode => t::audit::kinds::guest_code(),
        SubjectKind::Roster => t::audit::kinds::roster(),
        SubjectKind::Session => t::audit::kinds::session(),
        SubjectKind::Route => t::audit::kinds::route(),
        SubjectKind::Audit => t::audit::kinds::audit(),
    }
    .to_owned()
}
