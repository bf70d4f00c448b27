//! One event, with the policy's checklist as it was then. The dialog's content is downloaded when the first event is
//! opened.

use crate::prelude::*;
use api_types::{AuditEvent, Page};
use ids::EventId;

use super::{
    OPENED, channel, kind_words,
    zone::{Zones, use_zones},
};
use crate::{
    api,
    components::{
        Checklist, FormProblem, Link, LoadView, Standing, actor_name, actor_role, event_detail, event_subject,
        event_title, use_properties,
    },
    intl::{self, Style},
    load::Load,
    mutation::Mutation,
    pages::open_event,
    query::{Query, QueryParam, use_query_params},
    routes::Route,
    ui::{Button, Dialog, SkeletonLines, Time, TimeStyle, use_now},
};

/// The event that the address names as `event`, in a dialog; closing it removes the parameter.
#[component]
pub fn EventDialog(
    /// The parameter.
    opened: QueryParam,
) -> impl IntoView {
    let open = RwSignal::new(false);
    effect(move || {
        let id = opened.get();
        // Requested before the code that shows it has been downloaded.
        if let Ok(id) = id.parse() {
            api::audit::prefetch(id);
        }
        open.set(!id.is_empty());
    });
    let mut before = false;
    effect(move || {
        let open = open.get();
        if std::mem::replace(&mut before, open) && !open {
            opened.set("");
        }
    });
    view! {
        <Dialog open title=t::audit::event::title()>
            {open_event()}
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::close()}</Button>
            </div>
        </Dialog>
    }
}

/// The event that the address names.
#[component]
pub fn OpenEvent() -> impl IntoView {
    let params = use_query_params();
    let zones = use_zones(params);
    // Anything but an id names no event; the server answers that it isn't found.
    let id = params.param(OPENED).get_untracked().parse().unwrap_or(EventId::NIL);
    let load = Load::once(move || api::audit::get(id));
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=6 /> } let:event>
            <Facts event=event.get_untracked() zones />
        </LoadView>
        <Parts id zones />
    }
}

/// What belongs to the event, the oldest first; nothing where nothing does.
#[component]
fn Parts(id: EventId, zones: Zones) -> impl IntoView {
    let events = RwSignal::new(Vec::<AuditEvent>::new());
    let cursor = RwSignal::new(None::<String>);
    let read = Mutation::new(
        move |from: Option<String>| async move { api::audit::parts(id, from).await },
        move |page: Page<AuditEvent>| {
            cursor.set(page.next_cursor);
            events.update(|events| events.extend(page.items));
        },
    );
    read.submit(None);
    let more = Callback::new(move |()| read.submit(cursor.get_untracked()));
    let part = move |event: AuditEvent| {
        let zone = zones.of(event.property_id);
        let (detail, lang) = event_detail(&event, &zone);
        let standing = Standing::of(&event);
        view! {
            <li>
                <p>{event_title(&event)} " " {(standing != Standing::Done).then(|| standing.pill())}</p>
                <p class="second small">
                    <Time at=event.at.0 zone style=TimeStyle::In(Style::DateTime) />
                    {(!detail.is_empty()).then(|| view! { " · " <span lang=lang>{detail}</span> })}
                </p>
            </li>
        }
    };
    view! {
        <FormProblem mutation=read />
        <Show when=move || events.with(|events| !events.is_empty())>
            <section class="event-checklist">
                <h3>{t::audit::event::parts()}</h3>
                <ol class="history">
                    <For each=move || events.get() key=|event| event.id let(event)>{part(event)}</For>
                </ol>
                <Show when=move || cursor.with(Option::is_some)>
                    <Button busy=read.pending() on_press=more>{t::audit::event::more()}</Button>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn Facts(event: AuditEvent, zones: Zones) -> impl IntoView {
    let now = use_now();
    let property = event.property_id.and_then(|id| use_properties().property(id));
    let at = event.at.0.clone();
    let when = move || {
        let zone = zones.of(event.property_id);
        let ago = intl::relative(&at, now.get());
        [
            &intl::format(&at, &zone, Style::Date),
            ", ",
            &intl::format(&at, &zone, Style::Seconds),
            ", ",
            &intl::zone_label(&zone, now.get()),
            " · ",
            &ago,
        ]
        .concat()
    };
    let by_same = event.actor.id.map(|id| Query::new().with("actor", &id.to_string()));
    let channel = channel(&event);
    let kind = kind_words(&event.subject.kind);
    let ((subject, subject_lang), (detail, lang)) =
        (event_subject(&event), event_detail(&event, &zones.of(event.property_id)));
    let recorded = (!event.detail.is_empty() && event.detail != detail).then(|| event.detail.clone());
    let (who, role) = (actor_name(&event.actor), actor_role(&event.actor.role));
    view! {
        <p class="row"><strong>{event_title(&event)}</strong> {Standing::of(&event).pill()}</p>
        {(!detail.is_empty()).then(|| view! { <p lang=lang>{detail}</p> })}
        <dl class="facts">
            <dt>{t::audit::columns::action()}</dt>
            <dd><code class="event-action">{event.action.to_string()}</code></dd>
            <dt>{t::audit::event::when()}</dt>
            <dd><time datetime=event.at.0.clone()>{when}</time></dd>
            <dt>{t::audit::event::exactly()}</dt>
            <dd><code>{event.at.0}</code></dd>
            <dt>{t::audit::event::who()}</dt>
            <dd>
                {who} " · " {role} " "
                {by_same.map(|query| view! { <Link to=Route::Audit query>{t::audit::event::all_theirs()}</Link> })}
            </dd>
            <dt>{t::audit::event::from()}</dt>
            <dd>{channel}</dd>
            <dt>{t::audit::event::what()}</dt>
            <dd><span lang=subject_lang>{subject}</span> <span class="second">" · " {kind}</span></dd>
            {property.map(|property| view! { <dt>{t::audit::event::property()}</dt><dd>{property.name}</dd> })}
            {event.code.map(|code| view! { <dt>{t::audit::event::reason()}</dt><dd><code>{code}</code></dd> })}
            {recorded.map(|recorded| view! {
                <dt>{t::audit::event::recorded()}</dt><dd lang=t::recorded_lang()>{recorded}</dd>
            })}
            <dt>{t::audit::event::id()}</dt>
            <dd><code>{event.id.to_string()}</code></dd>
            <dt>{t::audit::event::hash()}</dt>
            <dd><code>{event.hash}</code></dd>
        </dl>
        {(!event.checklist.is_empty())
            .then(|| view! {
                <section class="event-checklist">
                    <h3>{t::audit::event::conditions()}</h3>
                    <Checklist items=event.checklist />
                </section>
            })}
    }
}
