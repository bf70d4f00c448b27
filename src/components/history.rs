//! What happened to a resident, from the audit log (R31).

use crate::prelude::*;
use api_types::{Action, Actor, ActorRole, AuditEvent, LiveKind, MaybeKnown, Outcome, Role};
use ids::TenancyId;
use uuid::Uuid;

use super::{Link, LoadView, Standing, event_detail, event_title};
use crate::{
    api, early,
    intl::Style,
    load::Load,
    query::Query,
    routes::Route,
    session::role_name,
    ui::{SkeletonLines, Time, TimeStyle},
};

/// Starts to read the events about a resident, newest first.
pub fn load_history(resident: TenancyId) -> Load<Vec<AuditEvent>> {
    let load = Load::once(move || api::audit::newest_of(resident, early::EVENTS));
    load.follow_changes(&[LiveKind::Audit], resident.uuid());
    load
}

/// The newest events about a resident, and a link to all of them.
#[component]
pub fn History(
    /// Whose.
    resident: TenancyId,
    /// What [`load_history`] reads.
    load: Load<Vec<AuditEvent>>,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: Signal<String>,
) -> impl IntoView {
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=5 /> } let:events>
            {move || event_list(events.get(), &zone.get())}
            <p>
                <Link to=Route::Audit query=Query::new().with("resident", &resident.to_string())>
                    {t::common::history::all()}
                </Link>
            </p>
        </LoadView>
    }
}

/// Who acted: a person's name, or words in the reader's language for Latchkey itself and for strangers.
pub fn actor_name(actor: &Actor) -> String {
    match actor.role.known() {
        Some(ActorRole::System | ActorRole::Unknown) => actor_role(&actor.role),
        _ => actor.name.clone(),
    }
}

/// The role in which somebody acted, for use in a sentence; an unknown one as it is recorded.
pub fn actor_role(role: &MaybeKnown<ActorRole>) -> String {
    let MaybeKnown::Known(known) = role else { return role.name().to_owned() };
    match known {
        ActorRole::Manager => role_name(Role::Manager).to_lowercase(),
        ActorRole::Resident => role_name(Role::Resident).to_lowercase(),
        ActorRole::Support => role_name(Role::Support).to_lowercase(),
        ActorRole::Administrator => role_name(Role::Administrator).to_lowercase(),
        ActorRole::Guest => t::common::actors::guest().to_owned(),
        ActorRole::System => t::common::actors::system().to_owned(),
        ActorRole::Unknown => t::common::actors::unknown().to_owned(),
    }
}

/// The events of one cause, the oldest first; entries by their first event, the newest first. `events` are the newest
/// first.
pub fn entries(events: Vec<AuditEvent>) -> Vec<Vec<AuditEvent>> {
    let mut entries: Vec<Vec<AuditEvent>> = Vec::new();
    for event in events.into_iter().rev() {
        match entries.iter_mut().find(|entry| event.cause.is_some() && entry[0].cause == event.cause) {
            Some(entry) => entry.push(event),
            None => entries.push(vec![event]),
        }
    }
    entries.reverse();
    entries
}

/// How an entry stands: as the worst of what last happened at each of its doors. A code that no lock has answered about
/// isn't on any yet; `ended` is what happened to codes later.
fn standing(entry: &[AuditEvent], ended: &[Uuid]) -> Standing {
    let (first, rest) = (&entry[0], &entry[1..]);
    let door = |event: &AuditEvent| (event.subject.id, event.facts.as_ref().and_then(|it| it.values.first().cloned()));
    let last = |at: &usize| rest[at + 1..].iter().all(|later| door(later) != door(&rest[*at]));
    let worst = (0..rest.len()).filter(last).map(|at| Standing::of(&rest[at])).max();
    let issues = [Action::GuestCodeIssued, Action::CodeRandomIssued, Action::CodeCustomSet];
    let sent = first.cause.is_some()
        && first.outcome == Outcome::Done
        && issues.iter().any(|action| first.action.is(*action))
        && first.subject.id.is_some_and(|id| !ended.contains(&id));
    worst.unwrap_or(if sent { Standing::Pending } else { Standing::of(first) })
}

/// The codes that events are about which concern what is on the locks, apart from the issues.
fn placed_or_ended(events: &[AuditEvent]) -> Vec<Uuid> {
    let concerns = |event: &&AuditEvent| {
        let name = event.action.name();
        name.starts_with("placement.") || name.starts_with("guest_code.") && !event.action.is(Action::GuestCodeIssued)
    };
    events.iter().filter(concerns).filter_map(|event| event.subject.id).collect()
}

/// Events, what belongs together as one entry that can be opened. They are the newest first.
pub fn event_list(events: Vec<AuditEvent>, zone: &str) -> AnyView {
    let ended = placed_or_ended(&events);
    let one = |event: AuditEvent, how: Standing| {
        let (detail, lang) = event_detail(&event, zone);
        view! {
            <p>{event_title(&event)} " " {(how != Standing::Done).then(|| how.pill())}</p>
            <p class="second small">
                <Time at=event.at.0 zone=zone.to_owned() style=TimeStyle::In(Style::DateTime) /> " · "
                {actor_name(&event.actor)}
            </p>
            {(!detail.is_empty()).then(|| view! { <p class="second small" lang=lang>{detail}</p> })}
        }
        .into_any()
    };
    let entry = |entry: Vec<AuditEvent>| {
        let how = standing(&entry, &ended);
        let mut events = entry.into_iter();
        let first = events.next().map(|event| one(event, how));
        let lastly = events.as_slice().last().map(event_title);
        let more = lastly.map(|what| {
            let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
            let rest = events.map(|event| {
                let how = Standing::of(&event);
                view! { <li>{one(event, how)}</li> }
            });
            view! {
                <details>
                    <summary class="small">{t::common::history::more(count, &what)}</summary>
                    <ol class="history">{rest.collect_view()}</ol>
                </details>
            }
        });
        view! { <li>{first} {more}</li> }
    };
    view! { <ol class="history">{entries(events).into_iter().map(entry).collect_view()}</ol> }.into_any()
}
