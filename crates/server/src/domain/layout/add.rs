//! Adding a building, a unit or a door, one at a time (R34, R36).

use api_types::{DoorKind, FieldCode, LayoutKind, NewBuilding, NewDoor, NewUnit};
use ids::{PropertyId, UnitId};
use store::doors;
use store::layout::{self, Part, PartRecord};
use store::{Scope, properties};

use super::codes;
use super::edit::{building_in_use, taken, with_name};
use super::event::{actions, event};
use super::import::SLOTS_UNTIL_LINKED;
use crate::domain::deed::Deed;
use crate::domain::property::named;
use crate::domain::{Done, Refusal};

/// Adds a building.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `invalid` for a name that another building has, retired or not.
pub fn add_building(deed: &Deed<'_>, property_id: PropertyId, new: &NewBuilding) -> Done<PartRecord> {
    let name = free_name(deed, property_id, LayoutKind::Building, &new.name)?;
    let id = doors::insert_building(deed.tx, property_id, &name)?;
    added(deed, property_id, Part::Building(id))
}

/// Adds a unit, without a door.
///
/// # Errors
/// As [`add_building`]; `invalid` for a building that isn't the property's, or is retired.
pub fn add_unit(deed: &Deed<'_>, property_id: PropertyId, new: &NewUnit) -> Done<PartRecord> {
    let name = free_name(deed, property_id, LayoutKind::Unit, &new.name)?;
    if let Some(id) = new.building_id {
        building_in_use(deed.tx, property_id, id)?;
    }
    let id = doors::insert_unit(deed.tx, property_id, new.building_id, &name)?;
    added(deed, property_id, Part::Unit(id))
}

/// Adds a door, to which no lock is linked yet (R35). A unit's door gets the codes of the unit's residents, and is called like
/// the unit where it has no name of its own.
///
/// # Errors
/// As [`add_unit`]; `invalid` for a unit's door without its unit, and for another one with a unit.
pub fn add_door(deed: &Deed<'_>, property_id: PropertyId, new: &NewDoor) -> Done<PartRecord> {
    let Deed { tx, now, .. } = *deed;
    in_scope(deed, property_id)?;
    let unit = match (new.kind, new.unit_id) {
        (DoorKind::Unit, Some(id)) => Some(unit_in_use(deed, property_id, id)?),
        (DoorKind::Unit, None) => {
            return Err(Refusal::invalid("unit_id", FieldCode::Required, "Say which unit the door is of.").into());
        }
        (DoorKind::Amenity | DoorKind::Property, None) => None,
        (DoorKind::Amenity | DoorKind::Property, Some(_)) => {
            let detail = "Only unit doors belong to a unit. Leave the unit out.";
            return Err(Refusal::invalid("unit_id", FieldCode::NotForThisKind, detail).into());
        }
    };
    let building_id = match (&unit, new.building_id) {
        (Some(_), Some(_)) => {
            let detail = "A unit’s door is where its unit is. Leave the building out.";
            return Err(Refusal::invalid("building_id", FieldCode::NotForThisKind, detail).into());
        }
        (Some((_, unit)), None) => unit.building_id,
        (None, Some(id)) => Some(building_in_use(tx, property_id, id)?.0),
        (None, None) => None,
    };
    let own = new.name.as_deref().filter(|name| !name.trim().is_empty());
    let name = own.or(unit.as_ref().map(|(_, unit)| unit.name.as_str())).unwrap_or_default();
    let name = free_name(deed, property_id, LayoutKind::Door, name)?;
    let door = doors::NewDoor {
        property_id,
        building_id,
        unit_id: unit.as_ref().map(|(id, _)| *id),
        kind: new.kind,
        name: &name,
        hub_id: doors::unlinked_hub(tx, property_id, now)?,
        slots_total: SLOTS_UNTIL_LINKED,
        battery_percent: None,
    };
    let id = doors::insert_door(tx, &door, now)?;
    let door = added(deed, property_id, Part::Door(id))?;
    if let Some((unit_id, _)) = unit {
        let (_, role) = deed.set_up_scope()?;
        codes::place(tx, &deed.acting_at(property_id, role), unit_id, id, now)?;
    }
    Ok(door)
}

fn in_scope(deed: &Deed<'_>, property_id: PropertyId) -> Done<()> {
    let (scope, _) = deed.set_up_scope()?;
    properties::get(deed.tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    Ok(())
}

fn free_name(deed: &Deed<'_>, property_id: PropertyId, kind: LayoutKind, text: &str) -> Done<String> {
    in_scope(deed, property_id)?;
    let name = named("name", text)?.to_string();
    match with_name(deed.tx, property_id, kind, &name)?.first() {
        Some(other) => Err(taken(other).into()),
        None => Ok(name),
    }
}

fn unit_in_use(deed: &Deed<'_>, property_id: PropertyId, id: UnitId) -> Done<(UnitId, PartRecord)> {
    let unit = layout::get(deed.tx, Scope::Everything, Part::Unit(id))?;
    let unit = unit.filter(|it| it.property_id == property_id && it.retired_at.is_none());
    let wrong = || Refusal::invalid("unit_id", FieldCode::Invalid, "Choose a unit of this property that is in use.");
    Ok((id, unit.ok_or_else(wrong)?))
}

/// Records it, and returns it.
fn added(deed: &Deed<'_>, property_id: PropertyId, part: Part) -> Done<PartRecord> {
    let (_, role) = deed.set_up_scope()?;
    let record = layout::get(deed.tx, Scope::Everything, part)?.ok_or_else(Refusal::not_found)?;
    deed.tx.record(deed.now, event(&deed.acting_at(property_id, role), actions(part.kind()).added, &record))?;
    Ok(record)
}
