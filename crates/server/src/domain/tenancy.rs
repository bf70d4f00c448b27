//! The beginning and end of a tenancy, and its codes in between.

use api_types::{Action, GuestCodeState, ProblemCode, Role, Said, Subject, SubjectKind};
use ids::{PropertyId, TenancyId};
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Scope, Tx, audit, codes, guest_codes, people, placements};

use super::deed::Deed;
use super::{By, Done, Failure, Refusal, guest_code, resident_code};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// A manager moves a resident out. Returns the tenancy.
///
/// # Errors
/// `not_found` for a resident of a property that they don't manage (R33).
pub fn move_out(deed: &Deed<'_>, property_id: PropertyId, resident_id: TenancyId) -> Done<TenancyRecord> {
    let scope = deed.manager_scope()?;
    let resident = tenancies::get_in_property(deed.tx, scope, property_id, resident_id)?;
    let resident = resident.ok_or_else(Refusal::not_found)?;
    end(deed.tx, &deed.acting_as(Role::Manager), &resident, deed.now)?;
    Ok(resident)
}

/// Ends a tenancy: its codes are revoked, its guests' too, and its person is signed out where nothing else is left to them (R39).
///
/// Does nothing for a tenancy that has already ended.
pub(super) fn end(tx: &Tx, by: &By, tenancy: &TenancyRecord, now: Millis) -> store::Result<()> {
    for code_id in codes::live_of_tenancy(tx, tenancy.id)? {
        codes::end(tx, code_id, now)?;
        placements::set_wanted(tx, code_id, false, now)?;
    }
    // By their state alone: whatever else their records say, they no longer open anything.
    for id in guest_codes::live_of_tenancy(tx, tenancy.id)? {
        guest_codes::end_if_live(tx, id, GuestCodeState::Revoked)?;
    }
    // The person's sessions end where nothing else is left to them.
    tenancies::end(tx, tenancy.id, now)?;
    let mut event = by.event(Action::ResidentMovedOut, subject(tenancy));
    event.is_of(&tenancy.name, Some(&tenancy.unit));
    event.property_id = Some(tenancy.property_id);
    event.resident_id = Some(tenancy.id);
    if tenancy.ended_at.is_some() {
        event.say(Said::OverBefore, [], "Had moved out already.");
    }
    tx.record(now, event)?;
    Ok(())
}

/// Ends a tenancy whose last day is over at `now`. Returns whether there was one to end.
pub fn end_if_due(tx: &Tx, by: &By, id: TenancyId, now: Millis) -> store::Result<bool> {
    let tenancy = tenancies::get(tx, Scope::Everything, id)?;
    let over = |tenancy: &TenancyRecord| tenancy.ended_at.is_none() && tenancy.ends_at.is_some_and(|end| end <= now);
    let Some(tenancy) = tenancy.filter(over) else { return Ok(false) };
    end(tx, by, &tenancy, now)?;
    Ok(true)
}

/// Gives a resident who has moved in their first code, if they have none. Returns whether one was given.
pub fn give_first_code(tx: &Tx, id: TenancyId, now: Millis) -> store::Result<bool> {
    let tenancy = tenancies::get(tx, Scope::Everything, id)?;
    let Some(tenancy) = tenancy.filter(|tenancy| tenancy.code_id.is_none()) else { return Ok(false) };
    if !is_current(tx, &tenancy, now)? {
        return Ok(false);
    }
    // No code is free (R18): it is retried whenever something changes, but recorded only once a day.
    let refused_today = audit::count_since(
        tx,
        tenancy.unit_id.uuid(),
        Action::CodeRandomRefused,
        ProblemCode::CodesExhausted,
        now - DAY_MS,
    )?;
    if refused_today > 0 && !resident_code::may_have_first(tx, &tenancy)? {
        return Ok(false);
    }
    match resident_code::give_first(tx, &tenancy, now) {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(Failure::Store(error)) => Err(error),
    }
}

/// Makes sure that a tenancy's codes are on the locks on its days and on no others (R1), even if the days have changed.
/// The resident keeps their code, which comes back when the tenancy begins; their guests' codes don't.
///
/// Returns whether anything had to be done.
pub fn sync_codes(tx: &Tx, by: &By, id: TenancyId, now: Millis) -> store::Result<bool> {
    let tenancy = tenancies::get(tx, Scope::Everything, id)?;
    let Some(tenancy) = tenancy.filter(|tenancy| tenancy.ended_at.is_none()) else { return Ok(false) };
    let Some(code_id) = tenancy.code_id else { return Ok(false) };
    let current = is_current(tx, &tenancy, now)?;
    if tenancy.codes_held_off != current {
        return Ok(false);
    }
    tenancies::set_codes_held_off(tx, id, !current)?;
    let (action, detail) = if current {
        placements::set_wanted(tx, code_id, true, now)?;
        (Action::CodeRestored, "The resident’s tenancy has begun: the code they had works again.")
    } else {
        // The previous code too, if it is still on a lock.
        for code_id in codes::live_of_tenancy(tx, id)? {
            placements::set_wanted(tx, code_id, false, now)?;
        }
        for guest_code in guest_codes::live_of_tenancy(tx, id)? {
            let why = (Said::IssuerWithoutTenancy, "The resident who issued it has no current tenancy.");
            guest_code::revoke_without_right(tx, by, guest_code, why, now)?;
        }
        (Action::CodeHeldOff, "The resident has no current tenancy: the code is taken off the locks until they have.")
    };
    let mut event = by.event(action, subject(&tenancy));
    event.is_of(&tenancy.name, Some(&tenancy.unit));
    event.property_id = Some(tenancy.property_id);
    event.resident_id = Some(tenancy.id);
    event.say(Said::Nothing, [], detail);
    tx.record(now, event)?;
    Ok(true)
}

/// Whether it has begun, isn't over, and its person isn't disabled.
fn is_current(db: &Db, tenancy: &TenancyRecord, now: Millis) -> store::Result<bool> {
    let days =
        tenancy.ended_at.is_none() && tenancy.starts_at <= now && tenancy.ends_at.is_none_or(|ends_at| ends_at > now);
    Ok(days && people::by_id(db, tenancy.person_id)?.is_some_and(|person| person.disabled_at.is_none()))
}

fn subject(tenancy: &TenancyRecord) -> Subject {
    Subject {
        kind: SubjectKind::Resident.into(),
        id: Some(tenancy.id.uuid()),
        name: format!("{}, unit {}", tenancy.name, tenancy.unit),
    }
}
