//! Looking at a code's digits (R23, R30). Every look is recorded, and the resident sees who looked.

use access_code::Code;
use api_types::{Reveal, Role};
use store::codes::{self, CodeRecord};
use store::tenancies::TenancyRecord;
use store::{Db, Millis, Scope, Store, Tx, audit, guest_codes, placements, properties};
use uuid::Uuid;

use super::{By, Done, Refusal, code_subject};

/// A revealed code is to be hidden again after so many seconds.
pub const HIDE_AFTER_S: u32 = 30;

/// A manager's reason may be this long.
pub const REASON_MOST: usize = 200;

/// Who wants to look.
pub struct Looker<'a> {
    /// Their person.
    pub person_id: Uuid,
    /// Their current tenancy.
    pub tenancy: Option<&'a TenancyRecord>,
    /// They manage some property.
    pub is_manager: bool,
}

/// By what right somebody may look at a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It is their own code, or a guest's that they issued.
    Own,
    /// They manage the property; they must say why.
    Manager,
}

impl Right {
    /// The right of `looker` to see `code`; `None` if there is none, which is as if there were no such code (R33).
    pub async fn of(db: &mut Db, looker: &Looker<'_>, code: &CodeRecord) -> store::Result<Option<Self>> {
        if looker.tenancy.is_some_and(|tenancy| Some(tenancy.id) == code.tenancy_id) {
            return Ok(Some(Self::Own));
        }
        if !looker.is_manager
            || properties::get(db, Scope::ManagedBy(looker.person_id), code.property_id).await?.is_none()
        {
            return Ok(None);
        }
        let guest = guest_codes::get(db, Scope::ManagedBy(looker.person_id), code.id).await?;
        let issued = guest.is_some_and(|guest| guest.issued_by == looker.person_id);
        Ok(Some(if issued { Self::Own } else { Self::Manager }))
    }
}

/// Shows a code's digits and records that.
///
/// # Errors
/// `not_found` without a right to it; `reason_required` for a manager who gives none; `code_ended` for a code that
/// opens nothing any more; recorded where the caller may know of the code.
pub async fn reveal(
    store: &Store,
    tx: &mut Tx,
    by: &By,
    looker: &Looker<'_>,
    code_id: Uuid,
    reason: Option<&str>,
    now: Millis,
) -> Done<Code> {
    let record = codes::get(tx, code_id).await?.ok_or_else(Refusal::not_found)?;
    let right = Right::of(tx, looker, &record).await?.ok_or_else(Refusal::not_found)?;
    let holder = codes::holder(tx, code_id).await?.ok_or_else(Refusal::not_found)?;
    let mut event = by.event("code.revealed", code_subject(&holder));
    event.property_id = Some(record.property_id);
    event.resident_id = record.tenancy_id;
    let reason = reason_given(reason)?;
    if right == Right::Manager && reason.is_none() {
        let detail = "Say why you look at this code; the resident sees it.";
        return Err(reason_missing(detail).record(tx, now, event).await?);
    }
    // A code that was replaced stays in force until the new one is confirmed (R27), so it can be looked at until then.
    let in_force = placements::of_code(tx, code_id).await?.iter().any(|placement| placement.wanted);
    if record.ended_at.is_some() && !in_force {
        let refusal = Refusal::new("code_ended", "This code was replaced, revoked or has expired.");
        return Err(refusal.record(tx, now, event).await?);
    }
    event.detail = reason.unwrap_or_default().to_owned();
    let code = codes::open(store, tx, &record).await?;
    tx.record(now, event).await?;
    Ok(code)
}

/// The reason that somebody gives, if it is one that may go on record.
pub(super) fn reason_given(reason: Option<&str>) -> Result<Option<&str>, Refusal> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > REASON_MOST) {
        return Err(Refusal::invalid("reason", "too_long", format!("At most {REASON_MOST} characters.")));
    }
    // What a person types may hold the very digits; the record must not (R32).
    if reason.is_some_and(holds_a_code) {
        let detail = "A reason can't hold a row of four or more digits: it might be a code.";
        return Err(Refusal::invalid("reason", "holds_digits", detail));
    }
    Ok(reason)
}

/// A manager has to say why (R30).
pub(super) fn reason_missing(detail: &str) -> Refusal {
    let errors = Refusal::invalid("reason", "reason_required", "Say why; it goes on record.").errors;
    Refusal { errors, ..Refusal::new("reason_required", detail) }
}

/// Who has seen a code, newest first (R30).
///
/// # Errors
/// `not_found` for a code that isn't the caller's own.
pub async fn reveals(db: &mut Db, looker: &Looker<'_>, code_id: Uuid) -> Done<Vec<Reveal>> {
    let record = codes::get(db, code_id).await?.ok_or_else(Refusal::not_found)?;
    if Right::of(db, looker, &record).await? != Some(Right::Own) {
        return Err(Refusal::not_found().into());
    }
    let events = audit::reveals(db, code_id).await?;
    Ok(events
        .into_iter()
        .map(|event| Reveal {
            at: event.at,
            by: event.actor.name,
            role: if event.actor.role == "manager" { Role::Manager } else { Role::Resident },
            reason: Some(event.detail).filter(|reason| !reason.is_empty()),
        })
        .collect())
}

/// Four digits in a row, perhaps with spaces, dots or dashes between them.
pub(super) fn holds_a_code(text: &str) -> bool {
    let mut run = 0;
    for c in text.chars() {
        if c.is_numeric() {
            run += 1;
        } else if !matches!(c, ' ' | '.' | '-' | '_' | '/') {
            run = 0;
        }
        if run >= 4 {
            return true;
        }
    }
    false
}
