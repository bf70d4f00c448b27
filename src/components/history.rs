//! What happened to a resident, from the audit log (R31).

use crate::prelude::*;
use api_types::{Action, Actor, AuditEvent, Outcome, Role};
use uuid::Uuid;

use super::{Link, LoadView};
use crate::{
    api, early,
    intl::Style,
    load::Load,
    query::Query,
    routes::Route,
    session::role_name,
    ui::{Icon, Pill, SkeletonLines, Time, TimeStyle, Tone},
    wording,
};

/// Starts to read the events about a resident, newest first.
pub fn load_history(resident: Uuid) -> Load<Vec<AuditEvent>> {
    Load::once(move || api::audit::newest_of(resident, early::EVENTS))
}

/// The newest events about a resident, and a link to all of them.
#[component]
pub fn History(
    /// Whose.
    resident: Uuid,
    /// What [`load_history`] reads.
    load: Load<Vec<AuditEvent>>,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: Signal<String>,
) -> impl IntoView {
    let rows = move |events: Signal<Vec<AuditEvent>>| {
        let zone = zone.get();
        events.get().into_iter().map(|event| view! { <Event event zone=zone.clone() /> }).collect_view()
    };
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=5 /> } let:events>
            <ol class="history">{move || rows(events)}</ol>
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
    match actor.role.as_str() {
        role @ ("system" | "unknown") => actor_role(role),
        _ => actor.name.clone(),
    }
}

/// The role in which somebody acted, for use in a sentence; an unknown one as it is recorded.
pub fn actor_role(role: &str) -> String {
    match role {
        "manager" => role_name(Role::Manager).to_lowercase(),
        "resident" => role_name(Role::Resident).to_lowercase(),
        "support" => role_name(Role::Support).to_lowercase(),
        "guest" => t::common::actors::guest().to_owned(),
        "system" => t::common::actors::system().to_owned(),
        "unknown" => t::common::actors::unknown().to_owned(),
        other => other.to_owned(),
    }
}

/// How an event ended, in a word. What waits isn't done.
pub fn outcome_pill(event: &AuditEvent) -> impl IntoView + use<> {
    use t::audit::outcomes;
    let waits = event.action.is(Action::PlacementWaiting)
        || event.action.is(Action::PlacementRemovalUnconfirmed)
            && matches!(event.code.as_deref(), Some("hub_offline" | "lock_offline"));
    let (tone, icon, word) = match event.outcome {
        _ if waits => (Tone::Waiting, Icon::Clock, outcomes::waiting()),
        Outcome::Done => (Tone::Good, Icon::Check, outcomes::done()),
        Outcome::Refused => (Tone::Bad, Icon::X, outcomes::refused()),
        Outcome::Failed => (Tone::Waiting, Icon::Warning, outcomes::failed()),
    };
    view! { <Pill tone icon>{word}</Pill> }
}

#[component]
fn Event(event: AuditEvent, zone: String) -> impl IntoView {
    let what = wording::action_or_name(&event.action).to_owned();
    view! {
        <li>
            <p>{what} " " {outcome_pill(&event)}</p>
            <p class="second small">
                <Time at=event.at.0 zone style=TimeStyle::In(Style::DateTime) /> " · " {actor_name(&event.actor)}
            </p>
            {(!event.detail.is_empty())
                .then(|| view! { <p class="second small" lang=t::recorded_lang()>{event.detail}</p> })}
        </li>
    }
}
