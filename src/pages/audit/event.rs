//! One event, with the policy's conditions as they were.

use crate::prelude::*;
use api_types::AuditEvent;
use uuid::Uuid;

use super::{channel, outcome_pill, subject, zone::Zones};
use crate::{
    api,
    components::{Checklist, Link, LoadView, use_properties},
    intl::{self, Style},
    load::Load,
    query::{Query, QueryParam},
    routes::Route,
    ui::{Button, Dialog, SkeletonLines, use_now},
};

/// The event that the address names as `event`, in a dialog; closing it takes it out of the address.
#[component]
pub fn EventDialog(
    /// The parameter.
    opened: QueryParam,
    /// In which zone its time is told.
    zones: Zones,
) -> impl IntoView {
    let open = RwSignal::new(false);
    effect(move || open.set(!opened.get().is_empty()));
    let mut before = false;
    effect(move || {
        let open = open.get();
        if std::mem::replace(&mut before, open) && !open {
            opened.set("");
        }
    });
    view! {
        <Dialog open title="Event">
            <Event id=opened.get_untracked() zones />
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>"Close"</Button>
            </div>
        </Dialog>
    }
}

#[component]
fn Event(id: String, zones: Zones) -> impl IntoView {
    // What isn't an id names no event: the server says so as of any other.
    let id = Uuid::try_parse(&id).unwrap_or_default();
    let load = Load::once(move || api::audit::get(id));
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=6 /> } let:event>
            <Facts event=event.get_untracked() zones />
        </LoadView>
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
    let kind = event.subject.kind.replace('_', " ");
    view! {
        <p class="row"><code class="event-action">{event.action}</code> {outcome_pill(event.outcome)}</p>
        {(!event.detail.is_empty()).then(|| view! { <p>{event.detail}</p> })}
        <dl class="facts">
            <dt>"When"</dt>
            <dd><time datetime=event.at.0.clone()>{when}</time></dd>
            <dt>"Exactly"</dt>
            <dd><code>{event.at.0}</code></dd>
            <dt>"Who"</dt>
            <dd>
                {event.actor.name} " · " {event.actor.role} " "
                {by_same.map(|query| view! { <Link to=Route::Audit query>"all their actions"</Link> })}
            </dd>
            <dt>"From"</dt>
            <dd>{channel}</dd>
            <dt>"What"</dt>
            <dd>{subject(event.subject.name)} <span class="second">" · " {kind}</span></dd>
            {property.map(|property| view! { <dt>"Property"</dt><dd>{property.name}</dd> })}
            {event.code.map(|code| view! { <dt>"Reason"</dt><dd><code>{code}</code></dd> })}
            <dt>"Event"</dt>
            <dd><code class="hash">{event.id.to_string()}</code></dd>
            <dt>"Hash"</dt>
            <dd><code class="hash">{event.hash}</code></dd>
        </dl>
        {(!event.checklist.is_empty())
            .then(|| view! {
                <section class="event-checklist">
                    <h3>"The conditions as they were then"</h3>
                    <Checklist items=event.checklist />
                </section>
            })}
    }
}
