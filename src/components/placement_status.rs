//! The status of a code on the locks: the six that people see (R26).

use crate::prelude::*;
use api_types::{Evidence, Instant, MaybeKnown, Placement, PlacementReason, PlacementStatus, WhichCode};

use crate::{
    intl,
    ui::{Icon, Pill, Time, TimeStyle, Tone, use_now},
    wording,
};

/// A status's name, for filters and headings.
pub fn status_name(status: PlacementStatus) -> &'static str {
    match status {
        PlacementStatus::Working => t::lock::status::working(),
        PlacementStatus::Sending => t::lock::status::sending(),
        PlacementStatus::Waiting => t::lock::status::waiting(),
        PlacementStatus::Failed => t::lock::status::failed(),
        PlacementStatus::BeingRemoved => t::lock::status::being_removed(),
        PlacementStatus::Removed => t::lock::status::removed(),
    }
}

/// A failure reason in words; an unknown one by its name.
pub fn reason_words(reason: &MaybeKnown<PlacementReason>) -> String {
    let MaybeKnown::Known(known) = reason else { return reason.name().replace('_', " ") };
    match known {
        PlacementReason::HubOffline => t::lock::reason::hub_offline(),
        PlacementReason::LockOffline => t::lock::reason::lock_offline(),
        PlacementReason::NoLockLinked => t::lock::reason::no_lock_linked(),
        PlacementReason::SlotsFull => t::lock::reason::slots_full(),
        PlacementReason::LengthNotSupported => t::lock::reason::length_not_supported(),
        // Must not hint at whose code it is (R10).
        PlacementReason::DuplicateOnLock => t::lock::reason::duplicate_on_lock(),
        PlacementReason::TimedOut => t::lock::reason::timed_out(),
        PlacementReason::Rejected => t::lock::reason::rejected(),
        PlacementReason::NotSupported => t::lock::reason::not_supported(),
        PlacementReason::UnknownLock => t::lock::reason::unknown_lock(),
        PlacementReason::LostByLock => t::lock::reason::lost_by_lock(),
        PlacementReason::ReplacedAtLock => t::lock::reason::replaced_at_lock(),
        PlacementReason::CodeUnreadable => t::lock::reason::code_unreadable(),
        PlacementReason::Other => t::lock::reason::other(),
    }
    .to_owned()
}

/// How a status is known, and since when: `on the lock, confirmed by read-back, since 14:02`. The pill for waiting has its
/// time, which is that of the lock's or hub's going offline.
#[component]
pub fn Evidence(
    /// The placement.
    placement: Placement,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: String,
    /// How to show the time.
    #[prop(optional)]
    style: TimeStyle,
) -> impl IntoView {
    let words = evidence_words(placement.status, placement.evidence.as_ref());
    if placement.status == PlacementStatus::Waiting {
        return words.into_any();
    }
    let [before, _, after] = t::lock::evidence::since(words);
    view! { {before} <Time at=placement.since.0 zone style /> {after} }.into_any()
}

fn evidence_words(status: PlacementStatus, evidence: Option<&MaybeKnown<Evidence>>) -> &'static str {
    match (status, evidence.and_then(MaybeKnown::known)) {
        (PlacementStatus::Working, Some(Evidence::ReadBack)) => t::lock::evidence::read_back(),
        (PlacementStatus::Working, _) => t::lock::evidence::accepted(),
        (PlacementStatus::Sending, _) => t::lock::evidence::sending(),
        (PlacementStatus::Waiting, _) => t::lock::evidence::waiting(),
        (PlacementStatus::Failed, _) => t::lock::evidence::failed(),
        (PlacementStatus::BeingRemoved, _) => t::lock::evidence::being_removed(),
        (PlacementStatus::Removed, _) => t::lock::evidence::removed(),
    }
}

const fn sign(status: PlacementStatus) -> (Tone, Icon) {
    match status {
        PlacementStatus::Working => (Tone::Good, Icon::Check),
        PlacementStatus::Sending => (Tone::Moving, Icon::ArrowRight),
        PlacementStatus::Waiting => (Tone::Waiting, Icon::Clock),
        PlacementStatus::Failed => (Tone::Bad, Icon::X),
        PlacementStatus::BeingRemoved => (Tone::Plain, Icon::Door),
        PlacementStatus::Removed => (Tone::Over, Icon::Minus),
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
    reason: Option<MaybeKnown<PlacementReason>>,
    /// The property's IANA time zone.
    #[prop(optional, into)]
    zone: String,
) -> impl IntoView {
    let now = use_now();
    let (tone, icon) = match (status, &reason) {
        // A removal that can't be confirmed is an incident (R24), not just in progress.
        (PlacementStatus::BeingRemoved, Some(_)) => (Tone::Bad, Icon::Door),
        _ => sign(status),
    };
    let words = match (status, reason, since) {
        (PlacementStatus::Waiting, reason, Some(since)) => {
            let what = reason_words(&reason.unwrap_or(PlacementReason::LockOffline.into()));
            // Only the words for the time may change later.
            (move || t::lock::status::waiting_since(&what, &intl::short(since.as_str(), &zone, now.get()))).into_any()
        }
        (PlacementStatus::Waiting, Some(reason), _) => t::lock::status::waiting_why(&reason_words(&reason)).into_any(),
        (PlacementStatus::Failed, Some(reason), _) => t::lock::status::failed_why(&reason_words(&reason)).into_any(),
        _ => status_name(status).into_any(),
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

/// Which of a resident's codes it is, in a list of several.
pub fn which_code(placement: &Placement) -> Option<String> {
    placement.which.map(|which| match which {
        WhichCode::Current => t::resident::move_out::which::current().to_owned(),
        WhichCode::Previous => t::resident::move_out::which::previous().to_owned(),
        WhichCode::Guest => t::resident::move_out::which::guest(placement.guest_name.as_deref().unwrap_or_default()),
    })
}

/// A code on each of its doors: pill, evidence with its time, and the next step. For support also the slot, attempts
/// and the protocol's error (R26); never digits.
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
    let style = match placement.status {
        PlacementStatus::Sending | PlacementStatus::BeingRemoved => TimeStyle::Relative,
        _ => TimeStyle::Short,
    };
    let support = placement.slot.is_some() || placement.attempts.is_some() || placement.protocol_error.is_some();
    let technical = support.then(|| {
        let slot = placement.slot.map(|slot| t::lock::slot(&slot.to_string()));
        let attempts = placement.attempts.map(t::lock::attempts);
        let parts: Vec<String> = [slot, attempts, placement.protocol_error.clone()].into_iter().flatten().collect();
        view! { <p class="placement-technical">{parts.join(" · ")}</p> }
    });
    let step = wording::placement_step(&placement).map(str::to_owned);
    // Two codes at one door are told apart.
    let which = which_code(&placement).map(|words| view! { <p class="small second">{words}</p> });
    view! {
        <li>
            <p class="placement-door">{placement.door_name.clone()}</p>
            {which}
            <PlacementPill placement=placement.clone() zone=zone.clone() />
            <p class="placement-evidence">
                <Evidence placement zone style />
            </p>
            {step.map(|step| view! { <p class="placement-step">{step}</p> })}
            {technical}
        </li>
    }
}
