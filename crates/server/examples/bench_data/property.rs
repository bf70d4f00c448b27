//! A property, let to the last unit by a roster, some of whose residents picked their code; all codes have reached their
//! locks.

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Result, anyhow};
use api_types::{Actor, Channel, ChannelKind, DoorKind, PropertyEdit};
use latchkey_server::clock::Clock;
use latchkey_server::domain::{By, Failure, property, resident_code, roster};
use latchkey_server::hubs::Hubs;
use latchkey_server::worker::Settler;
use store::doors::{self, NewDoor};
use store::people::{self, NewPerson};
use store::tenancies::{self, Filter, TenancyRecord};
use store::{Millis, Scope, Store, Tx, properties};
use uuid::Uuid;

/// Each so-many-th resident picked their code.
const PICKED: usize = 7;

/// Units of one building, behind one hub.
const UNITS_OF_A_BUILDING: usize = 200;

const FIRST: &str =
    "Ada Noah Zoë Maria Luis Chen Amara Ivan Priya José Elena Jonas Yara Omar Fatima Kofi Hana Leo Nina Søren";
const LAST: &str = "Abbott Aydin Brandt Castillo Cho Dahl Diallo Eriksson Farouk Fischer Garcia Greene Haddad Hughes Ito \
    Jansen Kaya Khan Kowalski Lange Larsen Lindqvist Lopez Mbeki Mendez Moreau Nakamura Novak Okafor Olsen Ortiz Osei \
    Park Petrov Quinn Ramos Reyes Romero Rossi Santos Schmidt Silva Suzuki Tan Ueda Vargas Weiss Wolf Yilmaz Zhang";

/// Somebody's name: a thousand people have different ones.
pub(crate) fn name(number: usize) -> String {
    let of = |names: &'static str, number: usize| names.split(' ').cycle().nth(number).unwrap_or_default();
    format!("{} {}", of(FIRST, number % 20), of(LAST, number / 20 % 50))
}

/// Adds the property, and its manager where there is no such person.
pub(crate) async fn add(store: &Store, name: &str, manager: &str, units: usize, now: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let property_id = properties::insert(&mut tx, name, "America/Denver", false, now).await?;
    let mut csv = "unit,name,email,move_in,move_out\r\n".to_owned();
    let mut building = None;
    for number in 0..units {
        if number % UNITS_OF_A_BUILDING == 0 {
            building = Some(add_building(&mut tx, property_id, number / UNITS_OF_A_BUILDING + 1, now).await?);
        }
        let Some((building_id, hub_id)) = building else { continue };
        let unit = (100 + number).to_string();
        let unit_id = doors::insert_unit(&mut tx, property_id, Some(building_id), &unit).await?;
        let door = NewDoor {
            property_id,
            building_id: Some(building_id),
            unit_id: Some(unit_id),
            kind: DoorKind::Unit,
            name: &format!("Unit {unit} front door"),
            hub_id,
            slots_total: 30,
            battery_percent: Some(80),
        };
        doors::insert_door(&mut tx, &door, now).await?;
        let (who, email) = (self::name(number), format!("resident{number}.{property_id}@bench.test"));
        write!(csv, "{unit},\"{who}\",{email},2020-01-01,\r\n")?;
    }
    let by = manager_of(&mut tx, manager, property_id, now).await?;
    let manager_id = by.person_id.unwrap_or_default();
    done(roster::import(store, &mut tx, &by, manager_id, property_id, csv.as_bytes(), false, now).await)?;
    let edit = PropertyEdit { custom_codes_enabled: true };
    done(property::edit(&mut tx, &by, manager_id, property_id, None, &edit, now).await)?;
    tx.commit().await?;
    settle(store, now).await?;

    let mut tx = store.begin().await?;
    let (residents, _) =
        tenancies::list(&mut tx, Scope::Everything, property_id, &Filter::default(), None, units as u32).await?;
    for (number, resident) in residents.iter().enumerate().step_by(PICKED) {
        let code = (204_917 + number).to_string();
        done(resident_code::pick_custom(store, &mut tx, &by_app(resident), resident, &code, now).await)?;
    }
    tx.commit().await?;
    settle(store, now).await
}

fn done<T>(outcome: Result<T, Failure>) -> Result<T> {
    outcome.map_err(|failure| match failure {
        Failure::Store(error) => error.into(),
        Failure::Refused(refused) => anyhow!("refused: {}", refused.detail),
    })
}

/// What is under way reaches the locks.
async fn settle(store: &Store, now: Millis) -> Result<()> {
    let hubs = Hubs::simulated(store, Duration::ZERO).await?;
    Settler::new(store, &hubs, &Clock::manual(now)).settle().await?;
    Ok(())
}

/// The resident, in their app.
fn by_app(resident: &TenancyRecord) -> By {
    let actor = Actor { id: Some(resident.person_id), name: resident.name.clone(), role: "resident".into() };
    let channel =
        Channel { kind: ChannelKind::Mobile, platform: Some("ios".into()), app_version: Some("2.8.0".into()) };
    By { person_id: Some(resident.person_id), actor, channel }
}

/// A building with its hub and its lobby. The first one's hub drives the main gate.
async fn add_building(tx: &mut Tx, property_id: Uuid, number: usize, now: Millis) -> Result<(Uuid, Uuid)> {
    let building = doors::insert_building(tx, property_id, &format!("Building {number}")).await?;
    let hub_id = doors::insert_hub(tx, property_id, &format!("Building {number} hub"), now).await?;
    let lobby = format!("Building {number} lobby");
    let gate = (number == 1).then_some((None, "Main gate", 6_000));
    for (building_id, name, slots_total) in [(Some(building), lobby.as_str(), 1_000)].into_iter().chain(gate) {
        let kind = DoorKind::Property;
        let door =
            NewDoor { property_id, building_id, unit_id: None, kind, name, hub_id, slots_total, battery_percent: None };
        doors::insert_door(tx, &door, now).await?;
    }
    Ok((building, hub_id))
}

async fn manager_of(tx: &mut Tx, email: &str, property_id: Uuid, now: Millis) -> Result<By> {
    let (id, name) = match people::by_email(tx, email).await? {
        Some(person) => (person.id, person.name),
        None => {
            let (id, name) = (Uuid::now_v7(), "Robin Moreau".to_owned());
            people::insert(tx, now, &NewPerson { id, email, name: &name, password_hash: None, support: false }).await?;
            (id, name)
        }
    };
    people::add_manager(tx, id, property_id).await?;
    let channel = Channel { kind: ChannelKind::Web, platform: None, app_version: None };
    Ok(By { person_id: Some(id), actor: Actor { id: Some(id), name, role: "manager".into() }, channel })
}
