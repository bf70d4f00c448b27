//! What people do: one function per deed.
//!
//! A person's deed takes a [`deed::Deed`]: the write transaction, with what that person may do as of that very
//! transaction. There is no other way to make one, so no deed can rely on a right that was looked up earlier and has
//! since been lost. Each deed decides by the rules, makes its changes and records what happened. A refusal is recorded
//! too (R31) and kept; only [`Failure::Store`] undoes everything.

pub mod address;
pub mod damage;
pub mod deed;
pub mod device;
mod digits;
pub mod door_lock;
pub mod guest_code;
pub mod hub;
pub mod invitation;
pub mod layout;
pub mod lookup;
pub mod pass;
pub mod passkey;
pub mod password;
pub mod placing;
pub mod property;
pub mod resident_code;
pub mod reveal;
pub mod rights;
pub mod roster;
pub mod session;
mod spreadsheet;
pub mod staff;
pub mod summary;
pub mod tenancy;

use access_code::policy::{self, About};
use api_types::{
    Action, Actor, Channel, ChecklistItem, FieldCode, FieldError, Instant, Outcome, ProblemCode, Subject, SubjectKind,
};
use store::audit::NewEvent;
use store::codes::Holder;
use store::{Millis, Tx};

/// Who does something, and through which channel, as named in the audit log. Made from the credential, never from what
/// a request claims.
#[derive(Clone, Debug)]
pub struct By {
    /// As named in the audit log, in the role they act in.
    pub actor: Actor,
    /// As named in the audit log.
    pub channel: Channel,
}

impl By {
    /// Latchkey itself.
    pub fn system() -> Self {
        Self { actor: store::audit::system_actor(), channel: store::audit::system_channel() }
    }

    /// An event of this actor.
    pub fn event(&self, action: Action, subject: Subject) -> NewEvent {
        NewEvent::done(self.actor.clone(), self.channel.clone(), action, subject)
    }
}

/// A rule said no.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What programs decide on.
    pub code: ProblemCode,
    /// What happened and what the person can do about it.
    pub detail: String,
    /// Every condition (R14), where a policy was consulted.
    pub checklist: Vec<ChecklistItem>,
    /// What is wrong with the request, field by field.
    pub errors: Vec<FieldError>,
    /// How many seconds to wait before trying again.
    pub retry_after_s: Option<u64>,
}

impl Refusal {
    /// A refusal without a checklist.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), checklist: Vec::new(), errors: Vec::new(), retry_after_s: None }
    }

    /// Something the caller may not see, or that doesn't exist: they can't tell which (R33).
    pub fn not_found() -> Self {
        Self::new(ProblemCode::NotFound, "We can’t find this, or you don’t have access.")
    }

    /// The caller's role can't do this anywhere, or no longer can.
    pub fn role() -> Self {
        Self::new(ProblemCode::Forbidden, "Your role doesn’t allow this.")
    }

    /// The session or token ended before this was done.
    pub fn signed_out() -> Self {
        Self::new(ProblemCode::SignedOut, "Sign in to continue.")
    }

    /// The key was used with another request before.
    pub fn idempotency_key_reused() -> Self {
        Self::new(ProblemCode::IdempotencyKeyReused, "Another request was made with this Idempotency-Key.")
    }

    /// The record it concerns is damaged and can't be read. Support sees which one.
    pub fn unreadable() -> Self {
        Self::new(
            ProblemCode::RecordUnreadable,
            "This record is damaged and can’t be shown. Contact support, who can see which one it is.",
        )
    }

    /// One field of the request is wrong.
    pub fn invalid(field: &str, code: FieldCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError { field: field.into(), code: code.into(), detail: detail.clone() };
        Self { errors: vec![error], ..Self::new(ProblemCode::Invalid, detail) }
    }

    /// One field of the request holds a text that can't be kept.
    pub fn unfit(field: &str, unfit: crate::text::Unfit) -> Self {
        Self::invalid(field, unfit.code(), unfit.to_string())
    }

    /// Records the refusal, as the outcome of `event`.
    ///
    /// # Errors
    /// [`store::Error`]; the refusal must then not be returned either.
    pub fn record(self, tx: &Tx, now: Millis, event: NewEvent) -> Result<Failure, store::Error> {
        self.record_as(Outcome::Refused, tx, now, event)
    }

    /// Like [`Refusal::record`], for what wasn't refused but couldn't be done.
    ///
    /// # Errors
    /// As [`Refusal::record`].
    pub fn record_as(self, outcome: Outcome, tx: &Tx, now: Millis, event: NewEvent) -> Result<Failure, store::Error> {
        let detail = if event.detail.is_empty() { self.detail.clone() } else { event.detail };
        let code = Some(self.code.name().to_owned());
        tx.record(now, NewEvent { outcome, code, detail, checklist: self.checklist.clone(), ..event })?;
        Ok(Failure::Refused(self))
    }
}

/// Why a deed wasn't done.
#[derive(Debug)]
pub enum Failure {
    /// A rule said no; its event is in the transaction.
    Refused(Refusal),
    /// The store failed; the transaction must not be committed.
    Store(store::Error),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The result of a deed.
pub type Done<T> = Result<T, Failure>;

/// A code as the subject of an event: whose it is, never its digits (R32).
fn code_subject(holder: &Holder) -> Subject {
    let kind = if holder.guest { SubjectKind::GuestCode } else { SubjectKind::Code };
    let name = match (&holder.unit, holder.guest) {
        (Some(unit), false) => format!("Code of {}, unit {unit}", holder.name),
        (Some(unit), true) => format!("Guest code for {}, of unit {unit}", holder.name),
        (None, _) => format!("Guest code for {}", holder.name),
    };
    Subject { kind: kind.into(), id: Some(holder.code_id.uuid()), name }
}

/// An event about a code: whose it is, never its digits (R32).
pub fn code_event(by: &By, action: Action, holder: &Holder) -> NewEvent {
    let mut event = by.event(action, code_subject(holder));
    event.is_of(&holder.name, holder.unit.as_deref());
    event.property_id = Some(holder.property_id);
    event.resident_id = holder.tenancy_id;
    event
}

/// The policy's refusal as the code of a problem.
pub fn problem_code(refusal: policy::Refusal) -> ProblemCode {
    match refusal {
        policy::Refusal::NotOnWeb => ProblemCode::NotOnWeb,
        policy::Refusal::AppTooOld => ProblemCode::AppTooOld,
        policy::Refusal::NotYourUnit => ProblemCode::NotYourUnit,
        policy::Refusal::NotAUnitDoor => ProblemCode::NotAUnitDoor,
        policy::Refusal::CustomCodesDisabled => ProblemCode::CustomCodesDisabled,
        policy::Refusal::CodeWrongLength => ProblemCode::CodeWrongLength,
        policy::Refusal::CodeNotDigits => ProblemCode::CodeNotDigits,
        policy::Refusal::CodeRepeatedDigit => ProblemCode::CodeRepeatedDigit,
        policy::Refusal::CodeConsecutive => ProblemCode::CodeConsecutive,
        policy::Refusal::LockOffline => ProblemCode::LockOffline,
        policy::Refusal::CodeUnavailableForThisDoor => ProblemCode::CodeUnavailableForThisDoor,
    }
}

/// The shared policy's checklist in the API's form (R14).
pub fn checklist(decision: &access_code::Decision) -> Vec<ChecklistItem> {
    decision
        .checklist
        .iter()
        .map(|item| {
            let (since, app_version) = match &item.about {
                Some(About::OfflineSince(since)) => (Some(Instant(since.clone())), None),
                Some(About::AppVersion(version)) => (None, Some(version.to_string())),
                None => (None, None),
            };
            ChecklistItem {
                condition: item.condition.into(),
                met: item.met,
                detail: item.detail.clone(),
                next_step: item.next_step.clone(),
                since,
                app_version,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r14_the_policy_and_the_api_name_a_refusal_alike() {
        for refusal in policy::Refusal::ALL {
            assert_eq!(problem_code(refusal).name(), refusal.code());
        }
    }
}
