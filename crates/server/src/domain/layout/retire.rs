//! Retiring parts of a layout (R36). What has neither codes nor history is deleted instead.

use api_types::{LayoutKind, ProblemCode, Retirement, Said};
use ids::DoorId;
use store::layout::{self, Part, PartRecord};
use store::placements::AtDoor;
use store::{Db, Scope, roster_imports};

use super::codes::{self, Affected};
use super::event::{actions, event};
use crate::domain::deed::Deed;
use crate::domain::{Done, Refusal};
use crate::view::layout::describe;

/// What retiring a part would do.
struct Plan {
    part: PartRecord,
    /// The doors that go with it, or the door itself.
    doors: Vec<PartRecord>,
    at: Vec<AtDoor>,
    affected: Affected,
    has_history: bool,
}

impl Plan {
    /// # Errors
    /// `unit_occupied` while somebody lives in the unit or will, or while a roster of the property is being imported;
    /// `building_not_empty`.
    fn of(db: &Db, part: PartRecord) -> Done<Self> {
        let mut doors = Vec::new();
        match part.part() {
            Part::Building(id) => match layout::in_building(db, id)? {
                (0, 0) => {}
                (units, doors) => return Err(not_empty(units, doors).into()),
            },
            Part::Unit(id) => {
                let residents = layout::residents_of_unit(db, id)?;
                if residents > 0 {
                    return Err(occupied(residents).into());
                }
                if roster_imports::is_under_way(db, part.property_id)? {
                    let detail =
                        "A roster is being imported, and somebody in it may move in here. Try again in a minute.";
                    return Err(Refusal::new(ProblemCode::UnitOccupied, detail).into());
                }
                doors = layout::doors_of_unit(db, id)?;
            }
            Part::Door(_) => doors.push(part.clone()),
        }
        let mut has_history = layout::has_history(db, part.part())?;
        for door in &doors {
            has_history |= layout::has_history(db, door.part())?;
        }
        // Retired before, they stay as they are.
        doors.retain(|door| door.retired_at.is_none());
        let ids: Vec<DoorId> = doors.iter().filter_map(door_id).collect();
        let at = codes::at_doors(db, &ids)?;
        let affected = codes::affected(db, &at)?;
        Ok(Self { part, doors, at, affected, has_history })
    }

    fn describe(&self, dry_run: bool, part: Option<&PartRecord>) -> Retirement {
        Retirement {
            dry_run,
            deleted: !self.has_history,
            doors: u32::try_from(self.doors.len()).unwrap_or(u32::MAX),
            resident_codes: self.affected.of_residents,
            guest_codes: self.affected.revoked,
            guest_codes_elsewhere: self.affected.elsewhere,
            part: part.map(describe),
        }
    }
}

fn door_id(door: &PartRecord) -> Option<DoorId> {
    match door.part() {
        Part::Door(id) => Some(id),
        _ => None,
    }
}

fn occupied(residents: u32) -> Refusal {
    let detail = match residents {
        1 => "A resident lives in this unit, or will. Move them out first.".to_owned(),
        more => format!("{more} residents live in this unit, or will. Move them out first."),
    };
    Refusal::new(ProblemCode::UnitOccupied, detail)
}

fn not_empty(units: u32, doors: u32) -> Refusal {
    let units_of = |count| if count == 1 { "1 unit".to_owned() } else { format!("{count} units") };
    let doors_of =
        |count| if count == 1 { "1 door of its own".to_owned() } else { format!("{count} doors of its own") };
    let has = match (units, doors) {
        (units, 0) => units_of(units),
        (0, doors) => doors_of(doors),
        (units, doors) => format!("{} and {}", units_of(units), doors_of(doors)),
    };
    Refusal::new(ProblemCode::BuildingNotEmpty, format!("The building has {has}. Move or retire them first."))
}

/// What retiring it would do; nothing is changed or recorded.
///
/// # Errors
/// As [`retire`].
pub fn plan(db: &Db, scope: Scope, part: Part) -> Done<Retirement> {
    let part = layout::get(db, scope, part)?.ok_or_else(Refusal::not_found)?;
    let plan = Plan::of(db, part)?;
    Ok(plan.describe(true, Some(&plan.part)))
}

/// Retires a part: no code opens its doors any more, and nothing new begins there. A guest code that opened nothing else is
/// revoked; residents keep theirs for other doors. What is retired already stays as it is, which is no error. What has neither
/// codes nor history is deleted.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `unit_occupied`, `building_not_empty`, recorded.
pub fn retire(deed: &Deed<'_>, part: Part) -> Done<Retirement> {
    let Deed { tx, now, .. } = *deed;
    let (scope, role) = deed.set_up_scope()?;
    let part = layout::get(tx, scope, part)?.ok_or_else(Refusal::not_found)?;
    let by = deed.acting_at(part.property_id, role);
    if part.retired_at.is_some() {
        let mut event = event(&by, actions(part.part().kind()).retired, &part);
        event.say(Said::OverBefore, [], "Was retired already.");
        tx.record(now, event)?;
        let part = Some(describe(&part));
        return Ok(Retirement { part, ..Retirement::default() });
    }
    let kind = part.part().kind();
    let plan = match Plan::of(tx, part.clone()) {
        Ok(plan) => plan,
        Err(crate::domain::Failure::Refused(refusal)) => {
            return Err(refusal.record(tx, now, event(&by, actions(kind).retired, &part))?);
        }
        Err(failure) => return Err(failure),
    };
    if !plan.has_history {
        for gone in plan.doors.iter().chain(Some(&plan.part).filter(|_| kind != LayoutKind::Door)) {
            layout::delete(tx, gone.part())?;
            tx.record(now, event(&by, actions(gone.part().kind()).deleted, gone))?;
        }
        return Ok(plan.describe(false, None));
    }
    // The whole comes first in the record, then what goes with it.
    let whole = Some(&plan.part).filter(|_| kind != LayoutKind::Door);
    for retired in whole.into_iter().chain(&plan.doors) {
        layout::set_retired(tx, retired.part(), Some(now))?;
        let mut event = event(&by, actions(retired.part().kind()).retired, retired);
        let here: Vec<AtDoor> = match door_id(retired) {
            Some(id) => plan.at.iter().filter(|at| at.door_id == id).copied().collect(),
            None => Vec::new(),
        };
        if door_id(retired).is_some() {
            let Affected { of_residents, revoked, elsewhere } = codes::affected(tx, &here)?;
            let counts = [of_residents, revoked, elsewhere].map(|count| count.to_string());
            let [of_residents, revoked, elsewhere] = counts.each_ref().map(String::as_str);
            let detail = format!(
                "{of_residents} residents’ codes no longer open it, {revoked} guest codes are revoked, and {elsewhere} \
                 guest codes go on opening other doors."
            );
            event.say(Said::NoLongerOpen, [of_residents, revoked, elsewhere], detail);
        }
        tx.record(now, event)?;
        codes::take_off(tx, &by, &here, (Said::DoorsRetired, "The doors that it opened are retired."), now)?;
    }
    let after = layout::get(tx, scope, plan.part.part())?.ok_or_else(Refusal::not_found)?;
    Ok(plan.describe(false, Some(&after)))
}
