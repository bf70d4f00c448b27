//! The audit log.

use api_types::{Action, AuditEvent, AuditVerification, EventParts, Outcome, PlacementReason};
use store::audit::{EventRecord, Parts, Verification};

use super::time::instant;

/// An event.
pub fn describe(record: EventRecord) -> AuditEvent {
    AuditEvent {
        id: record.id,
        at: instant(record.at),
        actor: record.actor,
        channel: record.channel,
        action: record.action,
        property_id: record.property_id,
        subject: record.subject,
        outcome: record.outcome,
        code: record.code,
        detail: record.detail,
        facts: record.facts,
        cause: record.cause,
        parts: None,
        checklist: record.checklist,
        hash: const_hex::encode(record.hash),
    }
}

/// An event with what belongs to it.
pub fn describe_group(record: EventRecord, parts: &Parts) -> AuditEvent {
    let had = |outcome: Outcome| parts.last.iter().any(|(it, ..)| it == outcome.name());
    let outcome =
        [Outcome::Failed, Outcome::Refused].into_iter().find(|outcome| had(*outcome)).unwrap_or(Outcome::Done);
    let offline = [PlacementReason::HubOffline, PlacementReason::LockOffline].map(PlacementReason::name);
    let waiting = parts.last.iter().any(|(_, action, code)| {
        *action == Action::PlacementWaiting.name()
            || (*action == Action::PlacementRemovalUnconfirmed.name()
                && code.as_deref().is_some_and(|code| offline.contains(&code)))
    });
    let parts = (parts.count > 0).then_some(EventParts { count: parts.count, outcome, waiting });
    AuditEvent { parts, ..describe(record) }
}

/// Whether the chain is intact.
pub fn describe_chain(verification: Verification) -> AuditVerification {
    AuditVerification {
        events: verification.events,
        head: const_hex::encode(verification.head),
        intact: verification.intact,
        first_broken: verification.first_broken,
    }
}
