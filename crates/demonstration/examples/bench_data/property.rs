//! A fully let property, imported from a roster, some of whose residents picked their code. All codes have reached
//! their locks.

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Result, anyhow};
use api_types::{DoorKind, Platform, PropertyEdit};
use ids::{BuildingId, HubId, PersonId, PropertyId};
use latchkey_server::auth::Via;
use latchkey_server::clock::Clock;
use latchkey_server::domain::deed::Deed;
use latchkey_server::domain::{Done, Failure, property, resident_code, roster};
use latchkey_server::hubs::Hubs;
use latchkey_server::worker::Settler;
use store::doors::{self, NewDoor};
use store::people::{self, NewPerson};
use store::sessions::App as ResidentApp;
use store::tenancies::{self, Filter};
use store::{Millis, Scope, Store, Tx, properties};

/// Every how many residents one picked their code.
const PICKED: usize = 7;

/// How many units a building has, all behind one hub.
const UNITS_PER_BUILDING: usize = 200;

const FIRST: &str =
    "Ada Noah Zoë Maria Luis Chen Amara Ivan Priya José Elena Jonas Yara Omar Fatima Kofi Hana Leo Nina Søren";
const LAST: &str = "Abbott Aydin Brandt Castillo Cho Dahl Diallo Eriksson Farouk Fischer Garcia Greene Haddad Hughes Ito \
    Jansen Kaya Khan Kowalski Lange Larsen Lindqvist Lopez Mbeki Mendez Moreau Nakamura Novak Okafor Olsen Ortiz Osei \
    Park Petrov Quinn Ramos Reyes Romero Rossi Santos Schmidt Silva Suzuki Tan Ueda Vargas Weiss Wolf Yilmaz Zhang";

/// A person's name; a thousand people have different ones.
pub(crate) fn name(number: usize) -> String {
    let of = |names: &'static str, number: usize| names.split(' ').cycle().nth(number).unwrap_or_default();
    format!("{} {}", of(FIRST, number % 20), of(LAST, number / 20 % 50))
}

/// Adds the property, and its manager if there is no such person.
pub(crate) async fn add(
    store: &Store,
    name: &'static str,
    manager: &'static str,
    units: usize,
    now: Millis,
) -> Result<()> {
    let build = move |tx: &Tx| build(tx, name, manager, units, now);
    let (property_id, manager_id, csv) = store.write_unrecorded(build).await?;
    deed(store, manager_id, Via::Web, now, move |deed| {
        roster::import(deed, property_id, &roster::read(csv.as_bytes()), &roster::Options::default(), None)?;
        let edit = PropertyEdit { custom_codes_enabled: Some(true), ..PropertyEdit::default() };
        property::edit(deed, property_id, |_| true, &edit)
    })
    .await?;
    settle(store, now).await?;

    let (residents, _) = store
        .read(move |db| tenancies::list(db, Scope::Everything, property_id, &Filter::default(), None, units as u32))
        .await?;
    for (number, resident) in residents.into_iter().enumerate().step_by(PICKED) {
        let code = (204_917 + number).to_string();
        let id = resident.id;
        let pick = move |deed: &Deed<'_>| resident_code::pick_custom(deed, Some(id), &code);
        deed(store, resident.person_id, app(), now, pick).await?;
    }
    settle(store, now).await
}

/// Builds the buildings, units and doors. Returns the property, its manager and the roster of its residents.
fn build(tx: &Tx, name: &str, manager: &str, units: usize, now: Millis) -> Result<(PropertyId, PersonId, String)> {
    let property_id = properties::insert(tx, name, "America/Denver", false, now)?;
    let mut csv = "unit,name,email,move_in,move_out\r\n".to_owned();
    let mut building = None;
    for number in 0..units {
        if number % UNITS_PER_BUILDING == 0 {
            building = Some(add_building(tx, property_id, number / UNITS_PER_BUILDING + 1, now)?);
        }
        let Some((building_id, hub_id)) = building else { continue };
        let unit = (100 + number).to_string();
        let unit_id = doors::insert_unit(tx, property_id, Some(building_id), &unit)?;
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
        doors::insert_door(tx, &door, now)?;
        let (who, email) = (self::name(number), format!("resident{number}.{property_id}@bench.test"));
        write!(csv, "{unit},\"{who}\",{email},2020-01-01,\r\n")?;
    }
    let manager_id = manager_of(tx, manager, property_id, now)?;
    Ok((property_id, manager_id, csv))
}

/// Does a deed on somebody's behalf, which must not be refused.
async fn deed<T: Send + 'static>(
    store: &Store,
    person_id: PersonId,
    via: Via,
    now: Millis,
    deed: impl FnOnce(&Deed<'_>) -> Done<T> + Send + 'static,
) -> Result<T> {
    let done = store.write(move |tx| deed(&Deed::in_the_name_of(tx, person_id, via, now)?)).await;
    done.map_err(|failure: Failure| match failure {
        Failure::Store(error) => error.into(),
        Failure::Refused(refused) => anyhow!("refused: {}", refused.detail),
    })
}

/// Lets what is under way reach the locks.
async fn settle(store: &Store, now: Millis) -> Result<()> {
    let hubs = Hubs::simulated(store, Duration::ZERO).await?;
    Settler::new(store, &hubs, &Clock::manual(now)).settle().await?;
    Ok(())
}

/// The resident app.
fn app() -> Via {
    Via::Mobile(ResidentApp { platform: Some(Platform::Ios.into()), version: Some("2.8.0".into()) })
}

/// A building with its hub and its lobby. The first one's hub drives the main gate.
fn add_building(tx: &Tx, property_id: PropertyId, number: usize, now: Millis) -> Result<(BuildingId, HubId)> {
    let building = doors::insert_building(tx, property_id, &format!("Building {number}"))?;
    let hub_id = doors::insert_hub(tx, property_id, &format!("Building {number} hub"), now)?;
    let lobby = format!("Building {number} lobby");
    let gate = (number == 1).then_some((None, "Main gate", 6_000));
    for (building_id, name, slots_total) in [(Some(building), lobby.as_str(), 1_000)].into_iter().chain(gate) {
        let kind = DoorKind::Property;
        let door =
            NewDoor { property_id, building_id, unit_id: None, kind, name, hub_id, slots_total, battery_percent: None };
        doors::insert_door(tx, &door, now)?;
    }
    Ok((building, hub_id))
}

fn manager_of(tx: &Tx, email: &str, property_id: PropertyId, now: Millis) -> Result<PersonId> {
    let id = match people::by_email(tx, email)? {
        Some(person) => person.id,
        None => {
            let id = PersonId::generate();
            let new = NewPerson { id, email, name: "Robin Moreau", password_hash: None, support: false };
            people::insert(tx, now, &new)?;
            id
        }
    };
    people::add_manager(tx, id, property_id)?;
    Ok(id)
}
