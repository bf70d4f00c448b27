//! A record that can't be read: support is told once, and that is recorded (R31).

use api_types::{Action, Outcome, ProblemCode, Said, Subject, SubjectKind};
use store::audit::NewEvent;
use store::incidents::{self, Incident};
use store::{Millis, Tx};

use super::By;

/// Reports a damaged record to support.
///
/// # Errors
/// [`store::Error`].
pub fn report(tx: &Tx, incident: &Incident, now: Millis) -> store::Result<()> {
    if !incidents::insert(tx, incident, now)? {
        return Ok(());
    }
    let Incident { kind, subject_id, property_id, detail } = incident;
    tracing::error!(kind = kind.name(), id = %subject_id, detail, "a damaged record was found");
    let name = "A damaged record".into();
    let subject = Subject { kind: SubjectKind::from(*kind).into(), id: Some(*subject_id), name };
    let mut event = NewEvent {
        property_id: *property_id,
        outcome: Outcome::Failed,
        code: Some(ProblemCode::RecordUnreadable.name().into()),
        ..By::system().event(Action::RecordSetAside, subject)
    };
    event.say(Said::Nothing, [], "It can’t be read and was set aside.");
    tx.record(now, event)?;
    Ok(())
}
