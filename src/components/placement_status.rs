//! Where a code is on the locks: the six statuses that people see (R26).

use crate::prelude::*;
use api_types::{Instant, Placement, PlacementStatus};

use crate::{
    intl,
    ui::{Icon, Pill, Time, TimeStyle, Tone, use_now},
};

/// A status's name, for filters and headings.
pub const fn status_name(status: PlacementStatus) -> &'static str {
    match status {
        PlacementStatus::Working => "Working",
        PlacementStatus::Sending => "Sending to lock",
        PlacementStatus::Waiting => "Waiting: lock offline",
        PlacementStatus::Failed => "Failed",
        PlacementStatus::BeingRemoved => "Being removed: still opens the door",
        PlacementStatus::Removed => "Removed",
    }
}

/// A reason in words, from its stable name (`slots_full`).
pub fn reason_words(reason: &str) -> String {
    match reason {
        "hub_offline" => "hub offline",
        "lock_offline" => "lock offline",
        "slots_full" => "lock is full",
        "length_not_supported" => "lock takes another length",
        // Says nothing about whose code is in the way (R10).
        "duplicate_on_lock" => "not available on this lock",
        "timed_out" => "lock didn't answer",
        "rejected" => "lock rejected it",
        "not_supported" => "lock can't do this",
        "unknown_lock" => "hub doesn't know the lock",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// How a status is known, and since when it is so: to be followed by the time.
pub fn evidence_words(status: PlacementStatus, evidence: Option<&str>) -> &'static str {
    match (status, evidence) {
        (PlacementStatus::Working, Some("read_back")) => "on the lock, confirmed by read-back",
        (PlacementStatus::Working, _) => "on the lock, which accepted it",
        (PlacementStatus::Sending, _) => "on its way",
        (PlacementStatus::Waiting, _) => "not on the lock yet; lock offline",
        (PlacementStatus::Failed, _) => "not on the lock",
        (PlacementStatus::BeingRemoved, _) => "removal not confirmed yet",
        (PlacementStatus::Removed, _) => "not on the lock any more",
    }
}

const fn sign(status: PlacementStatus) -> (Tone, Icon) {
    match status {
        PlacementStatus::Working => (Tone::Good, Icon::Check),
        PlacementStatus::Sending => (Tone::Moving, Icon::ArrowRight),
        PlacementStatus::Waiting => (Tone::Waiting, Icon::Clock),
        PlacementStatus::Failed => (Tone::Bad, Icon::X),
        PlacementStatus::BeingRemoved => (Tone::Plain, Icon::Door),
        PlacementStatus::Removed => (Tone::Plain, Icon::Minus),
    }
}

/// A status as a pill: icon, words and, for waiting and failed, since when and why.
#[component]
pub fn StatusPill(
    /// Which of the six.
    status: PlacementStatus,
    /// Since when; shown for waiting.
    #[prop(optional_no_strip)]
    since: Option<Instant>,
    /// Why; shown for waiting and failed.
    #[prop(optional_no_strip)]
    reason: Option<String>,
    /// The property's IANA time zone.
    #[prop(optional, into)]
    zone: String,
) -> impl IntoView {
    let now = use_now();
    let (tone, icon) = match (status, &reason) {
        // A removal that can't be confirmed is an incident (R24), not just under way.
        (PlacementStatus::BeingRemoved, Some(_)) => (Tone::Bad, Icon::Door),
        _ => sign(status),
    };
    let words = move || match (status, &reason, &since) {
        (PlacementStatus::Waiting, reason, Some(since)) => {
            let what = reason.as_deref().map_or_else(|| "lock offline".to_owned(), reason_words);
            ["Waiting: ", &what, " since ", &intl::short(since.as_str(), &zone, now.get())].concat()
        }
        (PlacementStatus::Waiting | PlacementStatus::Failed, Some(reason), _) => {
            let name = if status == PlacementStatus::Waiting { "Waiting: " } else { "Failed: " };
            [name, &reason_words(reason)].concat()
        }
        _ => status_name(status).to_owned(),
    };
    view! { <Pill tone icon>{words}</Pill> }
}

/// A placement's status as a pill.
#[component]
pub fn PlacementPill(
    /// The placement.
    placement: Placement,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: String,
) -> impl IntoView {
    view! { <StatusPill status=placement.status since=Some(placement.since) reason=placement.reason zone /> }
}

/// A code on each of its doors: pill, evidence with its time, and the next step. For support also slot, attempts and
/// the protocol's error (R26); never digits.
#[component]
pub fn PlacementList(
    /// One for each door.
    #[prop(into)]
    placements: Signal<Vec<Placement>>,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: Signal<String>,
) -> impl IntoView {
    let rows = move || {
        let zone = zone.get();
        placements
            .get()
            .into_iter()
            .map(|placement| view! { <PlacementRow placement zone=zone.clone() /> })
            .collect_view()
    };
    view! { <ul class="placements">{rows}</ul> }
}

#[component]
fn PlacementRow(placement: Placement, zone: String) -> impl IntoView {
    let evidence = evidence_words(placement.status, placement.evidence.as_deref());
    let time_style = match placement.status {
        PlacementStatus::Sending | PlacementStatus::BeingRemoved => TimeStyle::Relative,
        _ => TimeStyle::Short,
    };
    let since = placement.since.as_str().to_owned();
    let support = placement.slot.is_some() || placement.attempts.is_some() || placement.protocol_error.is_some();
    let technical = support.then(|| {
        let slot = placement.slot.map(|slot| ["slot ", &slot.to_string()].concat());
        let attempts = placement.attempts.map(|attempts| intl::counted(attempts, "attempt", "attempts"));
        let parts: Vec<String> = [slot, attempts, placement.protocol_error.clone()].into_iter().flatten().collect();
        view! { <p class="placement-technical">{parts.join(" · ")}</p> }
    });
    view! {
        <li>
            <p class="placement-door">{placement.door_name.clone()}</p>
            <PlacementPill placement=placement.clone() zone=zone.clone() />
            <p class="placement-evidence">
                {evidence} ", since " <Time at=since zone style=time_style />
            </p>
            {placement.next_step.map(|step| view! { <p class="placement-step">{step}</p> })}
            {technical}
        </li>
    }
}
