//! Issuing a guest code (R19).

use access_code::Code;
use api_types::{
    Action, CodeOrigin, FieldCode, GuestCodeKind, GuestCodeRequest, ProblemCode, Role, Said, Subject, SubjectKind,
};
use ids::GuestCodeId;
use jiff::Timestamp;
use store::codes::{self, NewCode};
use store::guest_codes::{self, NewGuestCode};
use store::placements;

use super::event::subject_event;
use super::request::{Plan, plan};
use super::schedule::{lead, state_at, timestamp, window_at};
use crate::auth::authority::Authority;
use crate::domain::deed::Deed;
use crate::domain::placing::Locks;
use crate::domain::{Done, Failure, Refusal};

const REFUSED: Action = Action::GuestCodeRefused;

/// Issues a guest code with random digits (R19). Returns its id and the digits, which are shown this once (R23).
///
/// # Errors
/// `not_found` for doors the issuer may not use (R21, R33), `invalid` field by field, `delivery_not_for_this_door`
/// (R20), `too_many_guest_codes` for the unit, `codes_exhausted` (R18); recorded.
pub fn issue(deed: &Deed<'_>, request: &GuestCodeRequest) -> Done<(GuestCodeId, Code)> {
    let Deed { tx, now, .. } = *deed;
    let authority = deed.authority();
    if !authority.is_manager() && !authority.is_resident() {
        return Err(Refusal::role().into());
    }
    let mut plan = match plan(&deed.lookup(), request) {
        Ok(plan) => plan,
        Err(failure) => return Err(refused(deed, failure)?),
    };
    if let Some(refusal) = too_many(deed, &plan)? {
        return Err(refused(deed, refusal.into())?);
    }
    let locks = Locks::of_doors(tx, std::mem::take(&mut plan.doors))?;
    let code = match locks.random_code(tx, plan.length, &plan.in_words()) {
        Ok(code) => code,
        Err(failure) => return Err(refused(deed, failure)?),
    };
    let new = NewCode {
        property_id: plan.property_id,
        tenancy_id: plan.tenancy_id,
        guest: true,
        origin: CodeOrigin::Random,
        code: &code,
    };
    let code_id = codes::insert(tx, &new, now)?;
    let at = timestamp(now);
    let state = state_at(&plan.schedule, at);
    let window = window_at(&plan.schedule, at, lead(plan.lead_minutes));
    let guest = NewGuestCode {
        code_id,
        property_id: plan.property_id,
        tenancy_id: plan.tenancy_id,
        kind: request.kind,
        guest_name: &plan.guest_name,
        reference: plan.reference.as_deref(),
        starts_at: Some(plan.schedule.first_start().as_millisecond()),
        ends_at: plan.schedule.last_end().map(Timestamp::as_millisecond),
        recurrence: request.recurrence.as_ref(),
        issued_by: deed.person_id(),
        state,
        window,
        next_change_at: plan.schedule.next_change(at).map(Timestamp::as_millisecond),
    };
    let id = guest_codes::insert(tx, &guest, now)?;
    locks.place(tx, code_id, &code, window.is_wanted(), &[], now)?;
    placements::refresh_status(tx, code_id)?;
    let by = match plan.tenancy_id {
        Some(_) => deed.acting_towards(plan.tenancy_id),
        None => deed.acting_as(issuing_role(authority)),
    };
    let mut event = subject_event(tx, &by, Action::GuestCodeIssued, id)?;
    event.door_id = locks.doors().first().map(|door| door.id);
    let doors: Vec<&str> = locks.doors().iter().map(|door| door.name.as_str()).collect();
    let (doors, digits) = (doors.join(", "), plan.length.digits().to_string());
    let detail = format!("{}, {digits} digits: {doors}.", kind_name(request.kind));
    event.say(Said::GuestCode, [&kind_name(request.kind).to_lowercase(), &digits, &doors], detail);
    tx.record(now, event)?;
    Ok((id, code))
}

/// The refusal of one code more than the property lets the residents of a unit have, so that no unit takes up every slot of
/// a door that others use.
fn too_many(deed: &Deed<'_>, plan: &Plan) -> Done<Option<Refusal>> {
    let Some(tenancy) = plan.tenancy_id.and_then(|id| deed.authority().own(id)) else { return Ok(None) };
    if guest_codes::in_force_of_unit(deed.tx, tenancy.unit_id)? < plan.guest_codes_per_unit {
        return Ok(None);
    }
    let detail = match plan.guest_codes_per_unit {
        0 => "Guest codes are issued by your property’s office. Ask there.".to_owned(),
        1 => "Your unit has a guest code, and may have one. Revoke it first.".to_owned(),
        most => format!("Your unit has {most} guest codes, as many as it may. Revoke one first."),
    };
    Ok(Some(Refusal::new(ProblemCode::TooManyGuestCodes, detail)))
}

/// Records that somebody asked for a guest code with digits of their own (R19).
pub fn refuse_own_digits(deed: &Deed<'_>, field: &str) -> Done<()> {
    Err(refused(deed, own_digits_refusal(field).into())?)
}

/// The refusal of a guest code with digits of one's own (R19), in that field.
pub fn own_digits_refusal(field: &str) -> Refusal {
    let detail = "Guest codes are always random. Send no digits of your own.";
    Refusal {
        errors: Refusal::invalid(field, FieldCode::GuestCodesAreRandom, detail).errors,
        ..Refusal::new(ProblemCode::GuestCodesAreRandom, detail)
    }
}

/// Residents issue as residents, whatever else they are.
fn issuing_role(authority: &Authority) -> Role {
    if authority.is_resident() { Role::Resident } else { Role::Manager }
}

fn refused(deed: &Deed<'_>, failure: Failure) -> store::Result<Failure> {
    let Failure::Refused(refusal) = failure else { return Ok(failure) };
    let subject = Subject { kind: SubjectKind::GuestCode.into(), id: None, name: String::new() };
    let authority = deed.authority();
    let mut event = deed.acting_as(issuing_role(authority)).event(REFUSED, subject);
    // Lets the managers of the resident's property see it. A manager's request names no property that can be relied on.
    let tenancy = authority.only_tenancy();
    event.property_id = tenancy.map(|tenancy| tenancy.property_id);
    event.resident_id = tenancy.map(|tenancy| tenancy.id);
    // Which fields, by their codes: what was typed into them is kept out of the audit log.
    event.detail =
        refusal.errors.iter().map(|error| format!("{}: {}", error.field, error.code)).collect::<Vec<_>>().join(", ");
    refusal.record(deed.tx, deed.now, event)
}

fn kind_name(kind: GuestCodeKind) -> &'static str {
    match kind {
        GuestCodeKind::Temporary => "Temporary",
        GuestCodeKind::Recurring => "Recurring",
        GuestCodeKind::Delivery => "Delivery",
        GuestCodeKind::Permanent => "Permanent",
    }
}
