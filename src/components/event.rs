//! An event of the audit log in the reader's words. What was recorded before there were facts stays as it was recorded.

use crate::prelude::*;
use api_types::{
    Action, AuditEvent, Named, Outcome, PlacementReason, ProblemCode, Recurrence, Said, SubjectKind, Weekday,
};

use super::{actor_name, guest_code_kind_in_words, reason_words, recurrence_days, recurrence_text, span_text};
use crate::{
    intl::{self, Style},
    ui::{Icon, Pill, Tone},
    wording,
};

/// A text, and its language where that may be another than the page's.
pub type Words = (String, Option<&'static str>);

/// What happened, as a sentence or the beginning of one.
pub fn event_title(event: &AuditEvent) -> String {
    match event.facts.as_ref().and_then(|facts| facts.person.as_deref()) {
        Some(person) if event.action.is(Action::CodeRevealed) && event.outcome == Outcome::Done => {
            t::wording::subject::looked_at(&actor_name(&event.actor), person)
        }
        _ => wording::action_or_name(&event.action).to_owned(),
    }
}

/// What was acted on, by its name at that time.
pub fn event_subject(event: &AuditEvent) -> Words {
    use t::wording::subject as words;
    let (person, unit) = event.facts.as_ref().map_or((None, None), |it| (it.person.as_deref(), it.unit.as_deref()));
    let kind = event.subject.kind.known();
    let words = match (kind, person, unit) {
        (Some(SubjectKind::Code), Some(person), Some(unit)) => words::code(person, unit),
        (Some(SubjectKind::GuestCode), Some(person), Some(unit)) => words::guest_code_of_unit(person, unit),
        (Some(SubjectKind::GuestCode), Some(person), None) => words::guest_code(person),
        (Some(SubjectKind::Resident), Some(person), Some(unit)) => words::resident(person, unit),
        (Some(SubjectKind::Unit), _, Some(unit)) => words::unit(unit),
        (_, _, _) if event.subject.name.is_empty() => "—".to_owned(),
        // Before there were facts, their names were phrases in English.
        (Some(SubjectKind::Code | SubjectKind::GuestCode | SubjectKind::Resident | SubjectKind::Unit), ..) => {
            return (event.subject.name.clone(), t::recorded_lang());
        }
        _ => event.subject.name.clone(),
    };
    (words, None)
}

/// What there is to say besides; empty for nothing. `zone` is for the times in it.
pub fn event_detail(event: &AuditEvent, zone: &str) -> Words {
    let facts = event.facts.as_ref();
    match facts.and_then(|facts| facts.said.as_ref()?.known()) {
        // People write in whatever language they like.
        Some(Said::Reason) => (event.detail.clone(), None),
        Some(said) => (said_words(said, event, zone), None),
        None if event.outcome == Outcome::Done => (event.detail.clone(), t::recorded_lang()),
        None => refusal_words(event, zone),
    }
}

fn said_words(said: Said, event: &AuditEvent, zone: &str) -> String {
    use t::wording::said as words;
    let values = event.facts.as_ref().map(|facts| facts.values.as_slice()).unwrap_or_default();
    let value = |at: usize| values.get(at).map_or("", String::as_str);
    let (first, count) = (value(0), value(0).parse().unwrap_or_default());
    match said {
        Said::Nothing | Said::Reason => String::new(),
        Said::Digits => words::digits(first),
        Said::GuestCode => words::guest_code(guest_code_kind_in_words(first), value(1), value(2)),
        Said::Door => match &event.code {
            Some(reason) => [first, ": ", &reason_words(&reason.clone().into())].concat(),
            None => first.to_owned(),
        },
        Said::DoorBeforeWindow => words::door_before_window(first),
        Said::ReadBack => words::read_back(first),
        Said::Slot => words::slot(first),
        Said::Accepted => words::accepted(first),
        Said::Overwritten => words::overwritten(first),
        Said::ByLinkOf => words::by_link_of(first),
        Said::Roster => words::roster(first, value(1), value(2), value(3)),
        Said::Layout => words::layout(first, value(1), value(2), value(3)),
        Said::Manages => words::manages(first),
        Said::From => words::from(&intl::local_day(first)),
        Said::FromTo => words::from_to(&intl::local_day(first), &intl::local_day(value(1))),
        Said::OtherPlaces => words::other_places(count),
        Said::Times => words::times(count),
        Said::TimesMore => words::times_more(count),
        Said::OverBefore => words::over_before().to_owned(),
        Said::WasCalled => words::was_called(first),
        Said::TimesMoved => {
            let span = |from: &str, to: &str| match to {
                "" => t::guest_code::when::from(&intl::format(from, zone, Style::DateTime)),
                to => span_text(from, to, zone, intl::now_ms()),
            };
            words::windows_moved(&span(first, value(1)), &span(value(2), value(3)))
        }
        Said::HoursMoved => {
            let hours = |at: usize| {
                let recurrence = Recurrence {
                    weekdays: value(at).split(',').filter_map(Weekday::from_name).collect(),
                    from: value(at + 1).to_owned(),
                    to: value(at + 2).to_owned(),
                    first_day: value(at + 3).to_owned(),
                    last_day: value(at + 4).to_owned(),
                };
                [&recurrence_text(&recurrence), ", ", &recurrence_days(&recurrence)].concat()
            };
            words::windows_moved(&hours(0), &hours(5))
        }
        Said::Reference => words::reference().to_owned(),
        Said::Moved => match (first, value(1)) {
            ("", is) => words::moved_in(is),
            (was, "") => words::moved_out(was),
            (was, is) => words::moved(was, is),
        },
        Said::WasFor => match value(1) {
            "amenity" => words::is_amenity().to_owned(),
            _ => words::is_property().to_owned(),
        },
        Said::NoLongerOpen => words::no_longer_open(first, value(1), value(2)),
        Said::AtHub => words::at_hub(first),
        Said::CodesAgain => words::codes_again(count),
        Said::ByHand => words::by_hand(first),
        Said::DoorsRetired => words::doors_retired().to_owned(),
        Said::DoorsOffLimits => words::doors_off_limits().to_owned(),
        Said::WasNumber => words::was_number(first),
        Said::Minutes => words::minutes(count, value(1)),
        Said::WasAt => words::was_at(first),
        Said::Language => {
            let named = t::LANGUAGES.into_iter().find(|(tag, _)| *tag == first);
            named.map_or(first, |(_, name)| name).to_owned()
        }
        Said::OfProperty => words::of_property(first),
        Said::WasOn => words::was_on().to_owned(),
        Said::WasOff => words::was_off().to_owned(),
        Said::IssuerWithoutRight => words::issuer_without_right().to_owned(),
        Said::IssuerWithoutTenancy => words::issuer_without_tenancy().to_owned(),
        Said::ShownAgain => words::shown_again().to_owned(),
        Said::FromElsewhere => words::from_elsewhere().to_owned(),
        Said::Passkey => words::passkey(first),
        Said::CommandLine => words::command_line().to_owned(),
    }
}

/// Why something was refused or failed: by its code, or by the first condition that wasn't met.
fn refusal_words(event: &AuditEvent, zone: &str) -> Words {
    let time = |at: &str| intl::format(at, zone, Style::DateTime);
    let code = event.code.as_deref().and_then(ProblemCode::from_name);
    if let Some(unmet) = event.checklist.iter().find(|item| item.met == Some(false)) {
        return (wording::condition(unmet, time), None);
    }
    match code.and_then(wording::refusal) {
        Some(words) => (words.to_owned(), None),
        None => (event.detail.clone(), t::recorded_lang()),
    }
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Done, or over.
    Done,
    /// Not done yet.
    Pending,
    /// Not before a lock or hub is back.
    Waiting,
    /// A rule said no.
    Refused,
    /// It didn't work.
    Failed,
}

impl Standing {
    /// How an event ended. What waits isn't done.
    pub fn of(event: &AuditEvent) -> Self {
        let reason = event.code.as_deref().and_then(PlacementReason::from_name);
        let offline = matches!(reason, Some(PlacementReason::HubOffline | PlacementReason::LockOffline));
        match event.outcome {
            Outcome::Failed if event.action.is(Action::PlacementRemovalUnconfirmed) && offline => Self::Waiting,
            Outcome::Done if event.action.is(Action::PlacementWaiting) => Self::Waiting,
            Outcome::Done => Self::Done,
            Outcome::Refused => Self::Refused,
            Outcome::Failed => Self::Failed,
        }
    }

    /// How an entry of the log stands: as the worst of the event and what belongs to it.
    pub fn of_entry(event: &AuditEvent) -> Self {
        let parts = event.parts.as_ref().map(|parts| match parts.outcome {
            Outcome::Failed => Self::Failed,
            Outcome::Refused => Self::Refused,
            Outcome::Done if parts.waiting => Self::Waiting,
            Outcome::Done => Self::Done,
        });
        parts.map_or(Self::of(event), |parts| parts.max(Self::of(event)))
    }

    /// As a pill.
    pub fn pill(self) -> AnyView {
        use t::audit::outcomes;
        let (tone, icon, word) = match self {
            Self::Done => (Tone::Good, Icon::Check, outcomes::done()),
            Self::Pending => (Tone::Moving, Icon::ArrowRight, outcomes::pending()),
            Self::Waiting => (Tone::Waiting, Icon::Clock, outcomes::waiting()),
            Self::Refused => (Tone::Waiting, Icon::X, outcomes::refused()),
            Self::Failed => (Tone::Bad, Icon::Warning, outcomes::failed()),
        };
        view! { <Pill tone icon>{word}</Pill> }.into_any()
    }
}
