//! Placements, and what somebody can do about them (R26).

use api_types::{MaybeKnown, Placement, PlacementReason, PlacementStatus, WhichCode};
use store::placements::PlacementRecord;

use super::time::instant;

/// A placement; for support, with slot, attempts and the protocol's error (R26).
pub fn describe(record: &PlacementRecord, for_support: bool) -> Placement {
    let status = record.state().status();
    let since = match status {
        PlacementStatus::Waiting => record.lock_offline_since.unwrap_or(record.since),
        _ => record.since,
    };
    Placement {
        door_id: record.door_id,
        door_name: record.door_name.clone(),
        which: None,
        guest_name: None,
        status,
        since: instant(since),
        evidence: record.evidence.clone(),
        next_step: next_step(status, record.reason_now().as_ref()),
        reason: record.reason_now(),
        slot: record.slot.filter(|_| for_support),
        attempts: for_support.then_some(record.attempts),
        protocol_error: record.protocol_error.clone().filter(|_| for_support),
    }
}

/// A placement of one of several codes, saying which; a guest's name means that it is a guest's code.
pub(super) fn describe_one_of_several(
    record: &PlacementRecord,
    current: bool,
    guest_name: Option<String>,
    for_support: bool,
) -> Placement {
    let which = match &guest_name {
        Some(_) => WhichCode::Guest,
        None if current => WhichCode::Current,
        None => WhichCode::Previous,
    };
    Placement { which: Some(which), guest_name, ..describe(record, for_support) }
}

/// The placements that have begun: a guest code's placement before its first window is of no interest.
pub fn describe_begun<'a>(records: impl IntoIterator<Item = &'a PlacementRecord>, for_support: bool) -> Vec<Placement> {
    records.into_iter().filter(|record| record.has_begun()).map(|record| describe(record, for_support)).collect()
}

/// What a person can do about a status, as a sentence (R26).
pub(super) fn next_step(status: PlacementStatus, reason: Option<&MaybeKnown<PlacementReason>>) -> Option<String> {
    let sentence = match (status, reason.map(MaybeKnown::known)) {
        (PlacementStatus::Waiting, Some(Some(PlacementReason::HubOffline))) => {
            "Check the hub’s power and network. The code is sent as soon as the hub is back online."
        }
        (PlacementStatus::Waiting, Some(Some(PlacementReason::NoLockLinked))) => {
            "Link a lock to this door. The code is sent as soon as it is linked."
        }
        (PlacementStatus::Waiting, _) => {
            "Check the lock’s batteries. The code is sent as soon as the lock is back online."
        }
        (PlacementStatus::Failed, Some(Some(PlacementReason::SlotsFull))) => {
            "Revoke a code of this door that’s no longer needed. This one is sent as soon as a slot is free."
        }
        (PlacementStatus::Failed, Some(Some(PlacementReason::LengthNotSupported))) => {
            "This lock takes codes of another length. Choose the other length."
        }
        (PlacementStatus::Failed, Some(Some(PlacementReason::DuplicateOnLock))) => "Choose another code.",
        (PlacementStatus::Failed, Some(Some(PlacementReason::LostByLock))) => {
            "We’re sending it again. If the lock keeps losing it, replace its batteries, then the lock."
        }
        (PlacementStatus::Failed, Some(Some(PlacementReason::ReplacedAtLock))) => {
            "We’re sending it to another slot. Find out who changed codes at the lock."
        }
        (PlacementStatus::Failed, _) => "Contact support.",
        (PlacementStatus::BeingRemoved, Some(Some(PlacementReason::HubOffline))) => {
            "Check the hub’s power and network. Until the lock confirms, this code still opens the door."
        }
        (PlacementStatus::BeingRemoved, Some(Some(PlacementReason::LockOffline))) => {
            "Check the lock’s batteries. Until the lock confirms, this code still opens the door."
        }
        (PlacementStatus::BeingRemoved, Some(_)) => {
            "Contact support. Until the lock confirms, this code still opens the door."
        }
        _ => return None,
    };
    Some(sentence.to_owned())
}
