//! What exists before the year begins: buildings, doors, locks, and their managers.

use api_types::DoorKind;
use ids::{BuildingId, DoorId, HubId, PersonId, PropertyId};
use store::doors::{self, NewDoor};
use store::people::{self, NewPerson};
use store::{Millis, Tx, properties};

/// The manager's address.
pub(crate) const MANAGER: &str = "manager@demo.test";
/// Support's address.
pub(crate) const SUPPORT: &str = "support@demo.test";
/// The administrator's address.
pub(crate) const ADMINISTRATOR: &str = "administrator@demo.test";

/// The property's time zone.
pub(crate) const TIME_ZONE: &str = "America/Denver";
/// A unit whose lock has so few slots that it fills up.
pub(crate) const FULL_UNIT: &str = "119";

const NAME: &str = "Juniper Flats";
const FULL_UNIT_SLOTS: u16 = 2;

/// What exists a year earlier.
pub(crate) struct Plots {
    pub(crate) property_id: PropertyId,
    pub(crate) manager: PersonId,
    pub(crate) shared_doors: Vec<DoorId>,
    pub(crate) east_hub: HubId,
}

/// Builds the property and adds its people.
pub(crate) fn build(tx: &Tx, dice: &mut fastrand::Rng, start: Millis) -> store::Result<Plots> {
    let property_id = properties::insert(tx, NAME, TIME_ZONE, false, start)?;
    properties::set_contact(tx, property_id, Some("office@juniper-flats.test"), Some("+1 303 555 0142"))?;
    let mut shared_doors = Vec::new();
    let mut east_hub = HubId::NIL;
    for (wing, first_floor) in [("North wing", 1_u16), ("West wing", 3), ("East wing", 5)] {
        let building = doors::insert_building(tx, property_id, wing)?;
        let hub = doors::insert_hub(tx, property_id, &format!("{wing} hub"), start)?;
        east_hub = hub;
        for floor in [first_floor, first_floor + 1] {
            for number in 1..=40 {
                let unit = format!("{floor}{number:02}");
                let unit_id = doors::insert_unit(tx, property_id, Some(building), &unit)?;
                let door = NewDoor {
                    property_id,
                    building_id: Some(building),
                    unit_id: Some(unit_id),
                    kind: DoorKind::Unit,
                    name: &format!("Unit {unit} front door"),
                    hub_id: hub,
                    slots_total: if unit == FULL_UNIT { FULL_UNIT_SLOTS } else { 30 },
                    battery_percent: Some(dice.u8(35..=100)),
                };
                doors::insert_door(tx, &door, start)?;
            }
        }
        let lobby = format!("{wing} lobby");
        shared_doors.push(shared(tx, property_id, Some(building), DoorKind::Property, &lobby, hub, start)?);
        if wing == "North wing" {
            for (name, kind) in [
                ("Main gate", DoorKind::Property),
                ("Garage", DoorKind::Property),
                ("Gym", DoorKind::Amenity),
                ("Pool", DoorKind::Amenity),
                ("Roof terrace", DoorKind::Amenity),
            ] {
                shared_doors.push(shared(tx, property_id, None, kind, name, hub, start)?);
            }
        }
    }
    let manager = person(tx, MANAGER, "Morgan Reyes", false, start)?;
    people::add_manager(tx, manager, property_id)?;
    person(tx, SUPPORT, "Noor Haddad", true, start)?;
    let administrator = person(tx, ADMINISTRATOR, "Sam Okafor", false, start)?;
    people::set_administrator(tx, administrator, true)?;
    Ok(Plots { property_id, manager, shared_doors, east_hub })
}

fn shared(
    tx: &Tx,
    property_id: PropertyId,
    building_id: Option<BuildingId>,
    kind: DoorKind,
    name: &str,
    hub_id: HubId,
    now: Millis,
) -> store::Result<DoorId> {
    let door = NewDoor {
        property_id,
        building_id,
        unit_id: None,
        kind,
        name,
        hub_id,
        slots_total: 250,
        battery_percent: None,
    };
    doors::insert_door(tx, &door, now)
}

fn person(tx: &Tx, email: &str, name: &str, support: bool, now: Millis) -> store::Result<PersonId> {
    let id = PersonId::generate();
    people::insert(tx, now, &NewPerson { id, email, name, password_hash: None, support })?;
    Ok(id)
}
