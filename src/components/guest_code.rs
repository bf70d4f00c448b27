//! Guest codes in words: kind, times, state, and their status on the locks (R20–R26).

use std::sync::LazyLock;

use crate::prelude::*;
use api_types::{
    Door, GuestCode, GuestCodeKind, GuestCodeState, Named, Placement, PlacementStatus, Recurrence, Weekday,
};

use super::{PlacementList, PlacementPill};
use crate::{
    intl::{self, Style},
    ui::{Icon, IconView, use_now},
};

/// The days of the week: the value in forms and the displayed name.
pub static WEEKDAYS: LazyLock<[(Weekday, &'static str, &'static str); 7]> = LazyLock::new(|| {
    [
        (Weekday::Mon, Weekday::Mon.name(), t::guest_code::weekdays::mon()),
        (Weekday::Tue, Weekday::Tue.name(), t::guest_code::weekdays::tue()),
        (Weekday::Wed, Weekday::Wed.name(), t::guest_code::weekdays::wed()),
        (Weekday::Thu, Weekday::Thu.name(), t::guest_code::weekdays::thu()),
        (Weekday::Fri, Weekday::Fri.name(), t::guest_code::weekdays::fri()),
        (Weekday::Sat, Weekday::Sat.name(), t::guest_code::weekdays::sat()),
        (Weekday::Sun, Weekday::Sun.name(), t::guest_code::weekdays::sun()),
    ]
});

/// A kind's displayed name.
pub fn guest_code_kind_name(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => t::guest_code::kinds::temporary(),
        GuestCodeKind::Recurring => t::guest_code::kinds::recurring(),
        GuestCodeKind::Delivery => t::guest_code::kinds::delivery(),
        GuestCodeKind::Permanent => t::guest_code::kinds::permanent(),
    }
}

/// A kind's displayed name, from its name on the wire.
pub fn guest_code_kind_in_words(kind: &str) -> &str {
    match GuestCodeKind::from_name(kind) {
        Some(known) => guest_code_kind_name(known),
        None => kind,
    }
}

/// A sentence that says what a kind is for (R20).
pub fn guest_code_kind_sentence(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => t::guest_code::kind_sentences::temporary(),
        GuestCodeKind::Recurring => t::guest_code::kind_sentences::recurring(),
        GuestCodeKind::Delivery => t::guest_code::kind_sentences::delivery(),
        GuestCodeKind::Permanent => t::guest_code::kind_sentences::permanent(),
    }
}

/// A state's displayed name.
pub fn guest_code_state_name(state: GuestCodeState) -> &'static str {
    match state {
        GuestCodeState::Scheduled => t::guest_code::states::scheduled(),
        GuestCodeState::Live => t::guest_code::states::live(),
        GuestCodeState::Used => t::guest_code::states::used(),
        GuestCodeState::Expired => t::guest_code::states::expired(),
        GuestCodeState::Revoked => t::guest_code::states::revoked(),
    }
}

/// Whether the code has ended and must no longer open anything (R24).
pub const fn guest_code_is_over(state: GuestCodeState) -> bool {
    matches!(state, GuestCodeState::Used | GuestCodeState::Expired | GuestCodeState::Revoked)
}

/// Whether its status on a lock is about to change, so that it should be read again soon.
pub fn guest_code_is_moving(guest: &GuestCode) -> bool {
    guest.placements.iter().any(|placement| {
        matches!(placement.status, PlacementStatus::Sending | PlacementStatus::BeingRemoved)
            && placement.reason.is_none()
    })
}

/// A state as an icon and a word. Not a pill: pills show the status on the locks (R26).
#[component]
pub fn GuestCodeStateView(
    /// The state.
    state: GuestCodeState,
) -> impl IntoView {
    let icon = match state {
        GuestCodeState::Scheduled => Icon::Clock,
        GuestCodeState::Live => Icon::Key,
        GuestCodeState::Used => Icon::Check,
        GuestCodeState::Expired => Icon::Minus,
        GuestCodeState::Revoked => Icon::X,
    };
    view! { <span class="guest-state"><IconView icon />{guest_code_state_name(state)}</span> }
}

/// A local time of day `HH:MM` in the reader's format.
pub fn local_time(time: &str) -> String {
    intl::format(&["2001-01-01T", time, ":00Z"].concat(), "UTC", Style::Time)
}

/// Days of the week: `every day`, `Mon–Fri`, `Tue, Thu`.
pub fn weekdays_text(days: &[Weekday]) -> String {
    let on = |day: &Weekday| days.contains(day);
    let all = WEEKDAYS.map(|(day, ..)| day);
    if all.iter().all(on) {
        return t::guest_code::weekdays::every_day().to_owned();
    }
    if all[..5].iter().all(on) && !all[5..].iter().any(on) {
        return t::guest_code::weekdays::mon_to_fri().to_owned();
    }
    let named: Vec<&str> = WEEKDAYS.iter().filter(|(day, ..)| on(day)).map(|(_, _, name)| *name).collect();
    named.join(", ")
}

/// A recurrence: `Mon–Fri, 09:00 – 12:30`.
pub fn recurrence_text(recurrence: &Recurrence) -> String {
    let over_midnight = recurrence.to <= recurrence.from;
    let words = if over_midnight { t::guest_code::when::recurrence_next_day } else { t::guest_code::when::recurrence };
    words(&weekdays_text(&recurrence.weekdays), &local_time(&recurrence.from), &local_time(&recurrence.to))
}

/// The two dates between which a recurrence has windows: `3 Nov 2026 – 1 Dec 2026`.
pub fn recurrence_days(recurrence: &Recurrence) -> String {
    [&intl::local_day(&recurrence.first_day), " – ", &intl::local_day(&recurrence.last_day)].concat()
}

/// From one instant to another, with the year unless it is this year.
pub fn span_text(from: &str, to: &str, zone: &str, now_ms: f64) -> String {
    let this_year = intl::day_in_zone(now_ms, zone);
    let dated = |at: &str| intl::format(at, zone, Style::IsoDay).get(..4) == this_year.get(..4);
    if dated(from) && dated(to) {
        return intl::range(from, to, zone);
    }
    let same_day = intl::format(from, zone, Style::IsoDay) == intl::format(to, zone, Style::IsoDay);
    let end = intl::format(to, zone, if same_day { Style::Time } else { Style::DateTime });
    [&intl::format(from, zone, Style::DateTime), " – ", &end].concat()
}

/// When a guest code works, in the property's zone.
pub fn when_text(guest: &GuestCode, now_ms: f64) -> String {
    let zone = guest.time_zone.as_str();
    if let Some(recurrence) = &guest.recurrence {
        return recurrence_text(recurrence);
    }
    let starts_at = guest.starts_at.as_ref().unwrap_or(&guest.issued_at).as_str();
    match &guest.ends_at {
        Some(ends_at) => span_text(starts_at, ends_at.as_str(), zone, now_ms),
        None => t::guest_code::when::from(&intl::format(starts_at, zone, Style::DateTime)),
    }
}

/// The statuses on the locks that a code has, worst first: failed, waiting, being removed, sending, working, removed; each
/// with the first placement that has it and with how many there are.
fn by_status(placements: &[Placement]) -> Vec<(&Placement, usize)> {
    use PlacementStatus::{BeingRemoved, Failed, Removed, Sending, Waiting, Working};
    [Failed, Waiting, BeingRemoved, Sending, Working, Removed]
        .into_iter()
        .filter_map(|status| {
            let mut with = placements.iter().filter(|placement| placement.status == status);
            with.next().map(|first| (first, 1 + with.count()))
        })
        .collect()
}

/// The status on the locks: each that the code has as a pill, worst first, and on how many doors.
#[component]
pub fn GuestCodeOnLocks(
    /// The guest code.
    guest: GuestCode,
) -> impl IntoView {
    let over = guest_code_is_over(guest.state);
    let words = |text: &'static str| view! { <span class="second">{text}</span> }.into_any();
    let statuses = by_status(&guest.placements);
    match statuses.first() {
        None if over => words(t::guest_code::on_locks::never()),
        None => words(t::guest_code::on_locks::later()),
        // A lock holds a code only while a window is open.
        Some((worst, _)) if worst.status == PlacementStatus::Removed && !over => {
            words(t::guest_code::on_locks::between())
        }
        Some(_) => {
            let doors = door_count(&guest);
            let early = early(&guest).map(|(begins_ms, words)| {
                let (now, words) = (use_now(), t::guest_code::on_locks::starts(&words));
                view! {
                    <Show when=move || now.get() < begins_ms>
                        <span class="small second">{words.clone()}</span>
                    </Show>
                }
            });
            let pills = statuses
                .into_iter()
                .map(|(placement, same)| {
                    let share = (doors > 1).then(|| t::guest_code::on_locks::share(doors, &same.to_string()));
                    view! {
                        <span class="on-locks">
                            <PlacementPill placement=placement.clone() zone=guest.time_zone.clone() />
                            {share.map(|share| view! { <span class="small second">{share}</span> })}
                        </span>
                    }
                })
                .collect_view()
                .into_any();
            view! { {pills} {early} }.into_any()
        }
    }
}

/// When the next window begins, in milliseconds and in words, if the code opens doors before that (R44): a lock has it
/// already, or still.
fn early(guest: &GuestCode) -> Option<(f64, String)> {
    let opens =
        |placement: &Placement| matches!(placement.status, PlacementStatus::Working | PlacementStatus::BeingRemoved);
    let begins = guest.next_windows.first()?.starts_at.as_str();
    let begins_ms = intl::epoch_ms(begins)?;
    let is_early = guest.placements.iter().any(opens) && begins_ms > intl::now_ms();
    is_early.then(|| (begins_ms, intl::format(begins, &guest.time_zone, Style::WeekdayTime)))
}

/// The names of the doors that a guest code opens; unknown ones are counted.
pub fn door_names(guest: &GuestCode, doors: &[Door]) -> Vec<String> {
    guest
        .door_ids
        .iter()
        .map(|id| {
            let placed = guest.placements.iter().find(|placement| placement.door_id == *id);
            let known = doors.iter().find(|door| door.id == *id);
            placed.map(|placement| placement.door_name.clone()).or(known.map(|door| door.name.clone()))
        })
        .map(|name| name.unwrap_or_else(|| t::guest_code::on_locks::a_door().to_owned()))
        .collect()
}

/// A guest code on each of its doors, including those that have no placement yet.
#[component]
pub fn GuestCodeLocks(
    /// The guest code.
    #[prop(into)]
    guest: Signal<GuestCode>,
    /// Doors from which to take the names.
    #[prop(into)]
    doors: Signal<Vec<Door>>,
) -> impl IntoView {
    let placements = memo(move || guest.with(|guest| guest.placements.clone()));
    let zone = memo(move || guest.with(|guest| guest.time_zone.clone()));
    // Where a window begins or ends, the code is read again: there is no need to follow the time.
    let summary = memo(move || guest.with(locks_sentence));
    let not_placed = move || {
        let (guest, doors) = (guest.get(), doors.get());
        let names = door_names(&guest, &doors);
        let is_placed = |id| guest.placements.iter().any(|placement| placement.door_id == id);
        let names = guest.door_ids.iter().zip(names).filter(|(id, _)| !is_placed(**id)).map(|(_, name)| name);
        let why = if guest_code_is_over(guest.state) {
            t::guest_code::on_locks::never_on_this()
        } else {
            t::guest_code::on_locks::not_yet()
        };
        names
            .map(|name| {
                view! {
                    <li>
                        <p class="placement-door">{name}</p>
                        <p class="placement-evidence">{why}</p>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <p role="status">{move || summary.get()}</p>
        <Show when=move || placements.with(|placements| !placements.is_empty())>
            <PlacementList placements zone />
        </Show>
        <ul class="placements not-placed">{not_placed}</ul>
    }
}

fn door_count(guest: &GuestCode) -> u32 {
    u32::try_from(guest.door_ids.len()).unwrap_or(u32::MAX)
}

/// Its status on the locks, in a sentence.
fn locks_sentence(guest: &GuestCode) -> String {
    let opens =
        |placement: &&Placement| !matches!(placement.status, PlacementStatus::Removed | PlacementStatus::Failed);
    let still = guest.placements.iter().filter(opens).count();
    if guest_code_is_over(guest.state) {
        return if guest.placements.is_empty() {
            t::guest_code::locks::never().to_owned()
        } else if still == 0 {
            t::guest_code::locks::removed().to_owned()
        } else {
            t::guest_code::locks::still_opens(door_count(guest), &still.to_string())
        };
    }
    if guest.placements.iter().any(|placement| placement.status != PlacementStatus::Removed) {
        return match early(guest) {
            _ if guest_code_is_moving(guest) => t::guest_code::locks::being_told().to_owned(),
            Some((_, begins)) => t::guest_code::locks::early(&begins),
            None => String::new(),
        };
    }
    match guest.next_windows.first() {
        Some(window) => {
            let at = intl::format(window.starts_at.as_str(), &guest.time_zone, Style::WeekdayTime);
            t::guest_code::locks::next_window(&at)
        }
        None => String::new(),
    }
}
