//! Revealing a code's digits (R23, R30). Every reveal is recorded, and the resident sees who it was shown to.

use access_code::Code;
use api_types::{Action, ActorRole, FieldCode, Outcome, ProblemCode, Reveal, Role, Said};
use ids::CodeId;
use store::audit::{self, NewEvent};
use store::codes::{self, CodeRecord, Holder};
use store::incidents::Incident;
use store::{Db, Millis, Tx, guest_codes, placements, properties};

use super::deed::Deed;
use super::lookup::Lookup;
use super::{Done, Refusal, code_event, damage, digits};
use crate::auth::authority::Authority;
use crate::text::{Line, Unfit};
use crate::view::time::instant;

/// After how many seconds a revealed code is hidden again.
pub const HIDE_AFTER_S: u32 = 30;

/// The longest reason that may be given.
pub const MAX_REASON: usize = 200;

/// By what right somebody may reveal a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It is their own code, or a guest code that they issued.
    Own,
    /// They manage the property, and must give a reason.
    Manager,
}

impl Right {
    /// Somebody's right to reveal `code`; `None` if they have none, which is the same as there being no such code
    /// (R33).
    pub fn of(db: &Db, authority: &Authority, code: &Holder) -> store::Result<Option<Self>> {
        if authority.owns(code.tenancy_id) {
            return Ok(Some(Self::Own));
        }
        let Some(managed) = authority.manager_scope() else { return Ok(None) };
        if properties::get(db, managed, code.property_id)?.is_none() {
            return Ok(None);
        }
        let issuer = code.guest_code().map(|id| guest_codes::issued_by(db, id)).transpose()?.flatten();
        Ok(Some(if issuer == Some(authority.person_id) { Self::Own } else { Self::Manager }))
    }
}

/// Reveals a code's digits and records that.
///
/// # Errors
/// `not_found` without a right to it; `reason_required` for a manager who gives none; `invalid` for a reason with the
/// code's own digits (R45); `code_ended` for a code that
/// opens nothing any more; `record_unreadable` for one that can't be decrypted; recorded where the caller may know of
/// the code.
pub fn reveal(deed: &Deed<'_>, code_id: CodeId, reason: Option<&str>) -> Done<Code> {
    let Deed { tx, now, .. } = *deed;
    let holder = codes::holder(tx, code_id)?.ok_or_else(Refusal::not_found)?;
    let right = Right::of(tx, deed.authority(), &holder)?.ok_or_else(Refusal::not_found)?;
    let mut event = event(deed, &holder);
    let reason = reason_given(reason)?;
    if right == Right::Manager && reason.is_none() {
        let detail = "Say why you need to see this code. The resident sees your reason.";
        return Err(reason_missing(detail).record(tx, now, event)?);
    }
    let Some(record) = readable(tx, &holder, now)? else {
        return Err(Refusal::unreadable().record_as(Outcome::Failed, tx, now, event)?);
    };
    if !is_in_force(tx, &record)? {
        let refusal = Refusal::new(ProblemCode::CodeEnded, "This code was replaced or revoked, or has expired.");
        return Err(refusal.record(tx, now, event)?);
    }
    let code = opened(tx, &record, &event, now)?;
    match reason {
        Some(reason) if digits::are_in(&reason, &code) => return Err(holds_digits().record(tx, now, event)?),
        Some(reason) => event.say(Said::Reason, [], &*reason),
        None => event.say(Said::Nothing, [], ""),
    }
    tx.record(now, event)?;
    Ok(code)
}

/// Reveals the digits of a guest code again when the request to issue it is repeated with the same key, while it is in
/// force and the person may reveal it without giving a reason (R23). It is recorded like any reveal (R30).
///
/// # Errors
/// As [`reveal`], recorded.
pub fn show_again(deed: &Deed<'_>, code_id: CodeId) -> Done<Option<Code>> {
    let Deed { tx, now, .. } = *deed;
    let holder = codes::holder(tx, code_id)?.ok_or_else(Refusal::not_found)?;
    let own = Right::of(tx, deed.authority(), &holder)? == Some(Right::Own);
    let record = readable(tx, &holder, now)?.ok_or_else(Refusal::unreadable)?;
    if !own || !is_in_force(tx, &record)? {
        return Ok(None);
    }
    let mut event = event(deed, &holder);
    event.say(Said::ShownAgain, [], "Shown again to a request that was sent again.");
    open_and_record(tx, &record, event, now).map(Some)
}

/// The code, unless its record is damaged, which is reported to support.
pub(super) fn readable(tx: &Tx, holder: &Holder, now: Millis) -> Done<Option<CodeRecord>> {
    match codes::get(tx, holder.code_id) {
        Ok(record) => Ok(Some(record.ok_or_else(Refusal::not_found)?)),
        Err(error) if error.is_single_record() => {
            damage::report(tx, &Incident::of_code(holder.code_id, holder.property_id, &error), now)?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether its digits may be revealed. A code that was replaced stays in force until the new one is confirmed (R27).
fn is_in_force(db: &Db, record: &CodeRecord) -> store::Result<bool> {
    Ok(record.ended_at.is_none() || placements::of_code(db, record.id)?.iter().any(|placement| placement.wanted))
}

fn event(deed: &Deed<'_>, holder: &Holder) -> NewEvent {
    let by = deed.acting_towards(holder.tenancy_id);
    code_event(&by, Action::CodeRevealed, holder)
}

/// Opens a sealed code and records that it was shown, or that it couldn't be opened.
pub(super) fn open_and_record(tx: &Tx, record: &CodeRecord, event: NewEvent, now: Millis) -> Done<Code> {
    let code = opened(tx, record, &event, now)?;
    tx.record(now, event)?;
    Ok(code)
}

/// Opens a sealed code; records that it couldn't be, as the outcome of `event`.
pub(super) fn opened(tx: &Tx, record: &CodeRecord, event: &NewEvent, now: Millis) -> Done<Code> {
    match codes::open(tx.vault(), tx, record) {
        Ok(code) => Ok(code),
        Err(error) if error.is_single_record() => {
            damage::report(tx, &Incident::of_code(record.id, record.property_id, &error), now)?;
            Err(Refusal::unreadable().record_as(Outcome::Failed, tx, now, event.clone())?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The reason given. Before it is recorded, the code that it is about must be looked for in it ([`digits::are_in`]).
pub(super) fn reason_given(reason: Option<&str>) -> Result<Option<Line>, Refusal> {
    match reason.map(|reason| Line::parse(reason, MAX_REASON)) {
        None | Some(Err(Unfit::Empty)) => Ok(None),
        Some(Ok(reason)) => Ok(Some(reason)),
        Some(Err(unfit)) => Err(Refusal::unfit("reason", unfit)),
    }
}

/// What a person types may hold the very digits; the audit log must not (R32, R45).
pub(super) fn holds_digits() -> Refusal {
    let detail = "Leave out the code’s own digits: this is recorded.";
    Refusal::invalid("reason", FieldCode::HoldsDigits, detail)
}

/// A manager must give a reason (R30).
pub(super) fn reason_missing(detail: &str) -> Refusal {
    let errors = Refusal::invalid("reason", FieldCode::ReasonRequired, "Give a reason. It’s recorded.").errors;
    Refusal { errors, ..Refusal::new(ProblemCode::ReasonRequired, detail) }
}

/// Who has seen a code, newest first (R30).
///
/// # Errors
/// `not_found` for a code that isn't the caller's own.
pub fn reveals(lookup: &Lookup<'_>, code_id: CodeId) -> Done<Vec<Reveal>> {
    let Lookup { db, authority, .. } = *lookup;
    let holder = codes::holder(db, code_id)?.ok_or_else(Refusal::not_found)?;
    if Right::of(db, authority, &holder)? != Some(Right::Own) {
        return Err(Refusal::not_found().into());
    }
    let events = audit::reveals(db, code_id)?;
    Ok(events
        .into_iter()
        .map(|event| Reveal {
            at: instant(event.at),
            by: event.actor.name,
            role: if event.actor.role.is(ActorRole::Manager) { Role::Manager } else { Role::Resident },
            reason: Some(event.detail).filter(|reason| !reason.is_empty()),
        })
        .collect())
}
