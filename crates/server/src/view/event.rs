//! The audit log.

use api_types::{AuditEvent, AuditVerification};
use store::audit::{EventRecord, Verification};

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
        checklist: record.checklist,
        hash: const_hex::encode(record.hash),
    }
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
