//! What becomes of codes when the doors of a property change.

use std::collections::BTreeSet;

use api_types::Said;
use ids::{CodeId, DoorId, GuestCodeId, UnitId};
use store::placements::{self, AtDoor, Moved};
use store::{Db, Millis, Scope, Tx, codes, doors, tenancies};

use crate::domain::placing::Locks;
use crate::domain::{By, Done, guest_code, resident_code};

/// The codes that some doors no longer let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affected {
    /// Residents' codes.
    pub(super) of_residents: u32,
    /// Guest codes that open nothing else: they are revoked.
    pub(super) revoked: u32,
    /// Guest codes that go on opening other doors.
    pub(super) elsewhere: u32,
}

/// The codes that are for these doors.
pub(super) fn at_doors(db: &Db, ids: &[DoorId]) -> store::Result<Vec<AtDoor>> {
    let mut all = Vec::new();
    for id in ids {
        all.extend(placements::at_door(db, *id)?);
    }
    Ok(all)
}

/// How many codes it concerns if they are taken off these doors.
pub(super) fn affected(db: &Db, at: &[AtDoor]) -> store::Result<Affected> {
    let mut of_residents: BTreeSet<CodeId> = BTreeSet::new();
    let mut guests: BTreeSet<CodeId> = BTreeSet::new();
    for code in at {
        if code.guest.is_some() {
            guests.insert(code.code_id)
        } else {
            of_residents.insert(code.code_id)
        };
    }
    let mut affected = Affected { of_residents: count(of_residents.len()), ..Affected::default() };
    for code_id in guests {
        let here = at.iter().filter(|it| it.code_id == code_id).count();
        let all = placements::doors_of_code(db, code_id)?;
        *if all > count(here) { &mut affected.elsewhere } else { &mut affected.revoked } += 1;
    }
    Ok(affected)
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

/// Takes these codes off these doors for good. Guest codes that open nothing else any more are revoked, for that reason.
pub(super) fn take_off(tx: &Tx, by: &By, at: &[AtDoor], why: (Said, &str), now: Millis) -> Done<()> {
    let mut guests: BTreeSet<GuestCodeId> = BTreeSet::new();
    for code in at {
        placements::drop_from_door(tx, code.placement_id, now)?;
        guests.extend(code.guest);
    }
    for id in guests {
        if placements::doors_of_code(tx, id.code())? == 0 {
            guest_code::revoke_without_right(tx, by, id, why, now)?;
        }
    }
    Ok(())
}

/// Takes guest codes off the doors that their residents can't let anybody in by any more, since something was moved (R21, R24).
pub(super) fn leave_doors(tx: &Tx, by: &By, moved: Moved, now: Millis) -> Done<()> {
    let why = (Said::DoorsOffLimits, "Its doors are no longer on the way to the unit, or no longer take such codes.");
    take_off(tx, by, &placements::off_limits(tx, moved)?, why, now)
}

/// Puts the codes of a unit's residents on a door of that unit: a new one, or one that is used again (R36).
pub(super) fn place(tx: &Tx, by: &By, unit_id: UnitId, door_id: DoorId, now: Millis) -> Done<()> {
    for tenancy_id in tenancies::with_code_in_unit(tx, unit_id)? {
        let tenancy = tenancies::get(tx, Scope::Everything, tenancy_id)?;
        let Some((tenancy, code_id)) = tenancy.and_then(|tenancy| tenancy.code_id.map(|id| (tenancy, id))) else {
            continue;
        };
        if placements::give_back(tx, code_id, door_id, !tenancy.codes_held_off, now)? {
            continue;
        }
        let Some(record) = codes::get(tx, code_id)? else { continue };
        let code = codes::open(tx.vault(), tx, &record)?;
        let locks = Locks::of_doors(tx, doors::by_ids(tx, Scope::Everything, &[door_id])?)?;
        if locks.holder_of(tx, &code)?.is_some() {
            // Two residents of a unit that had no doors may have been given the same digits.
            resident_code::give_another(tx, by, &tenancy, now)?;
            continue;
        }
        locks.place(tx, code_id, &code, !tenancy.codes_held_off, &[], now)?;
        placements::refresh_status(tx, code_id)?;
    }
    Ok(())
}
