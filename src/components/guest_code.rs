//! Guest codes in words: kind, times, state, and how far the locks are (R20–R26).

use crate::prelude::*;
use api_types::{Door, GuestCode, GuestCodeKind, GuestCodeState, Placement, PlacementStatus, Recurrence, Weekday};

use super::{PlacementList, PlacementPill};
use crate::{
    intl::{self, Style},
    ui::{Icon, IconView},
};

/// The kinds in the order in which they are offered.
pub const GUEST_CODE_KINDS: [GuestCodeKind; 4] =
    [GuestCodeKind::Temporary, GuestCodeKind::Recurring, GuestCodeKind::Delivery, GuestCodeKind::Permanent];

/// The states in the order of a code's life.
pub const GUEST_CODE_STATES: [GuestCodeState; 5] = [
    GuestCodeState::Scheduled,
    GuestCodeState::Live,
    GuestCodeState::Used,
    GuestCodeState::Expired,
    GuestCodeState::Revoked,
];

/// The days of the week: value in forms, name for people.
pub const WEEKDAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "mon", "Mon"),
    (Weekday::Tue, "tue", "Tue"),
    (Weekday::Wed, "wed", "Wed"),
    (Weekday::Thu, "thu", "Thu"),
    (Weekday::Fri, "fri", "Fri"),
    (Weekday::Sat, "sat", "Sat"),
    (Weekday::Sun, "sun", "Sun"),
];

/// A kind by its name on the wire.
pub const fn guest_code_kind_value(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => "temporary",
        GuestCodeKind::Recurring => "recurring",
        GuestCodeKind::Delivery => "delivery",
        GuestCodeKind::Permanent => "permanent",
    }
}

/// A kind for people.
pub const fn guest_code_kind_name(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => "Temporary",
        GuestCodeKind::Recurring => "Recurring",
        GuestCodeKind::Delivery => "Delivery",
        GuestCodeKind::Permanent => "Permanent",
    }
}

/// What a kind is for, in a sentence (R20).
pub const fn guest_code_kind_sentence(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => "Works from a start to an end, at most 366 days.",
        GuestCodeKind::Recurring => "Works on chosen weekdays, at the same hours, between two dates.",
        GuestCodeKind::Delivery => "Works once; ends 2 hours after its start if nobody uses it.",
        GuestCodeKind::Permanent => "Works until somebody revokes it.",
    }
}

/// A state by its name on the wire.
pub const fn guest_code_state_value(state: GuestCodeState) -> &'static str {
    match state {
        GuestCodeState::Scheduled => "scheduled",
        GuestCodeState::Live => "live",
        GuestCodeState::Used => "used",
        GuestCodeState::Expired => "expired",
        GuestCodeState::Revoked => "revoked",
    }
}

/// A state for people.
pub const fn guest_code_state_name(state: GuestCodeState) -> &'static str {
    match state {
        GuestCodeState::Scheduled => "Scheduled",
        GuestCodeState::Live => "Live",
        GuestCodeState::Used => "Used",
        GuestCodeState::Expired => "Expired",
        GuestCodeState::Revoked => "Revoked",
    }
}

/// Its life is over: it is to open nothing any more (R24).
pub const fn guest_code_is_over(state: GuestCodeState) -> bool {
    matches!(state, GuestCodeState::Used | GuestCodeState::Expired | GuestCodeState::Revoked)
}

/// Something about its locks will soon be different: read it again.
pub fn guest_code_is_moving(guest: &GuestCode) -> bool {
    guest.placements.iter().any(|placement| {
        matches!(placement.status, PlacementStatus::Sending | PlacementStatus::BeingRemoved)
            && placement.reason.is_none()
    })
}

/// It may change by itself, if not soon: a window opens, a lock comes back.
pub fn guest_code_may_change(guest: &GuestCode) -> bool {
    !guest_code_is_over(guest.state)
        || guest.placements.iter().any(|placement| placement.status != PlacementStatus::Removed)
}

/// A state: a sign and a word. Not a pill: those say what the locks know (R26).
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

/// A local time of day `HH:MM` as the reader writes it.
pub fn local_time(time: &str) -> String {
    intl::format(&["2001-01-01T", time, ":00Z"].concat(), "UTC", Style::Time)
}

/// Days of the week: `every day`, `Mon–Fri`, `Tue, Thu`.
pub fn weekdays_text(days: &[Weekday]) -> String {
    let on = |day: &Weekday| days.contains(day);
    let all = WEEKDAYS.map(|(day, ..)| day);
    if all.iter().all(on) {
        return "every day".to_owned();
    }
    if all[..5].iter().all(on) && !all[5..].iter().any(on) {
        return "Mon–Fri".to_owned();
    }
    let named: Vec<&str> = WEEKDAYS.iter().filter(|(day, ..)| on(day)).map(|(_, _, name)| *name).collect();
    named.join(", ")
}

/// A recurrence: `Mon–Fri, 09:00 – 12:30`.
pub fn recurrence_text(recurrence: &Recurrence) -> String {
    let next_day = if recurrence.to <= recurrence.from { " the next day" } else { "" };
    [
        &weekdays_text(&recurrence.weekdays),
        ", ",
        &local_time(&recurrence.from),
        " – ",
        &local_time(&recurrence.to),
        next_day,
    ]
    .concat()
}

/// The two dates between which a recurrence has windows: `3 Nov 2026 – 1 Dec 2026`.
pub fn recurrence_days(recurrence: &Recurrence) -> String {
    [&intl::local_day(&recurrence.first_day), " – ", &intl::local_day(&recurrence.last_day)].concat()
}

/// From one instant to the next, with the year where it isn't this year.
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
        None => ["From ", &intl::format(starts_at, zone, Style::DateTime)].concat(),
    }
}

/// The placement that most needs somebody, worst first: failed, waiting, being removed, sending, working, removed.
fn worst(placements: &[Placement]) -> Option<&Placement> {
    let rank = |placement: &&Placement| match placement.status {
        PlacementStatus::Failed => 0,
        PlacementStatus::Waiting => 1,
        PlacementStatus::BeingRemoved => 2,
        PlacementStatus::Sending => 3,
        PlacementStatus::Working => 4,
        PlacementStatus::Removed => 5,
    };
    placements.iter().min_by_key(rank)
}

/// What the locks know, on one line: the worst of them as a pill, and how many doors that is.
#[component]
pub fn GuestCodeOnLocks(
    /// The guest code.
    guest: GuestCode,
) -> impl IntoView {
    let over = guest_code_is_over(guest.state);
    let words = |text: &'static str| view! { <span class="second">{text}</span> }.into_any();
    match worst(&guest.placements) {
        None if over => words("Never was on a lock"),
        None => words("Sent when its window opens"),
        // A lock holds a code only while a window is open.
        Some(placement) if placement.status == PlacementStatus::Removed && !over => {
            words("Off the lock until the next window")
        }
        Some(placement) => {
            let same = guest.placements.iter().filter(|other| other.status == placement.status).count();
            let doors = guest.door_ids.len();
            let share = (doors > 1).then(|| ["on ", &same.to_string(), " of ", &doors.to_string(), " doors"].concat());
            view! {
                <span class="on-locks">
                    <PlacementPill placement=placement.clone() zone=guest.time_zone.clone() />
                    {share.map(|share| view! { <span class="small second">{share}</span> })}
                </span>
            }
            .into_any()
        }
    }
}

/// The names of the doors that a guest code opens; those that aren't known are counted.
pub fn door_names(guest: &GuestCode, doors: &[Door]) -> Vec<String> {
    guest
        .door_ids
        .iter()
        .map(|id| {
            let placed = guest.placements.iter().find(|placement| placement.door_id == *id);
            let known = doors.iter().find(|door| door.id == *id);
            placed.map(|placement| placement.door_name.clone()).or(known.map(|door| door.name.clone()))
        })
        .map(|name| name.unwrap_or_else(|| "A door".to_owned()))
        .collect()
}

/// A guest code on each of its doors, also on those whose lock hasn't been told yet.
#[component]
pub fn GuestCodeLocks(
    /// The guest code.
    #[prop(into)]
    guest: Signal<GuestCode>,
    /// Doors that may be among its own, for their names.
    #[prop(into)]
    doors: Signal<Vec<Door>>,
) -> impl IntoView {
    let placements = memo(move || guest.with(|guest| guest.placements.clone()));
    let zone = memo(move || guest.with(|guest| guest.time_zone.clone()));
    let summary = memo(move || guest.with(locks_sentence));
    let untold = move || {
        let (guest, doors) = (guest.get(), doors.get());
        let names = door_names(&guest, &doors);
        let told = |id| guest.placements.iter().any(|placement| placement.door_id == id);
        let names = guest.door_ids.iter().zip(names).filter(|(id, _)| !told(**id)).map(|(_, name)| name);
        let why = if guest_code_is_over(guest.state) { "Never was on this lock" } else { "Not on the lock yet" };
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
        <ul class="placements untold">{untold}</ul>
    }
}

/// What the locks know of it, in a sentence.
fn locks_sentence(guest: &GuestCode) -> String {
    let opens =
        |placement: &&Placement| !matches!(placement.status, PlacementStatus::Removed | PlacementStatus::Failed);
    let still = guest.placements.iter().filter(opens).count();
    let doors = u32::try_from(guest.door_ids.len()).unwrap_or(u32::MAX);
    if guest_code_is_over(guest.state) {
        return if guest.placements.is_empty() {
            "It never was on a lock, and never will be.".to_owned()
        } else if still == 0 {
            "Removed from every lock. It opens nothing any more.".to_owned()
        } else if doors == 1 {
            "It still opens the door until the lock confirms the removal.".to_owned()
        } else {
            let of = intl::counted(doors, "door", "doors");
            ["It still opens ", &still.to_string(), " of ", &of, " until the lock confirms the removal."].concat()
        };
    }
    if guest.placements.iter().any(|placement| placement.status != PlacementStatus::Removed) {
        return if guest_code_is_moving(guest) {
            "The locks are being told. This page follows along.".to_owned()
        } else {
            String::new()
        };
    }
    match guest.next_windows.first() {
        Some(window) => {
            let at = intl::format(window.starts_at.as_str(), &guest.time_zone, Style::WeekdayTime);
            ["The locks are told when its next window opens: ", &at, "."].concat()
        }
        None => String::new(),
    }
}
