//! The property in which everything happens: created through the store and the domain before the server is started.

use std::path::Path;

use anyhow::{Context, Result};
use api_types::{Action, DoorKind, Subject, SubjectKind};
use ids::{DoorId, HubId, LockId, PersonId, PropertyId, TenancyId};
use latchkey_server::auth::{Password, PasswordCost, Passwords};
use latchkey_server::config::{master_key, open_database};
use store::audit::{NewEvent, system_actor, system_channel};
use store::doors::{self, NewDoor};
use store::people::{self, NewPerson};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Millis, Store, Tx, properties};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Manages the property.
pub(crate) const MANAGER: &str = "manager@example.com";

/// The database in a data folder.
pub(crate) const DATABASE: &str = "latchkey.db";

/// How many slots a tight lock has, one that soon fills up (R27).
const TIGHT: u16 = 3;

/// How much there is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) hubs: usize,
    /// Units with a door each. The first of each hub is tight.
    pub(crate) units: usize,
    /// Slots of the locks that aren't tight.
    pub(crate) slots: u16,
    /// People who live here from the start, each in a unit of their own.
    pub(crate) residents: usize,
    /// People who come and go, in the units after those.
    pub(crate) movers: usize,
    /// Doors that are good for nothing but to be retired.
    pub(crate) spare: usize,
}

/// A door and its lock.
pub(crate) struct Door {
    pub(crate) id: DoorId,
    pub(crate) lock: LockId,
    pub(crate) hub: HubId,
    pub(crate) slots: u16,
}

/// A unit; its door is the one of the same number.
pub(crate) struct Unit {
    pub(crate) name: String,
}

/// Somebody with a password who lives here.
pub(crate) struct Resident {
    pub(crate) email: String,
    /// Its number.
    pub(crate) unit: usize,
    pub(crate) tenancy: TenancyId,
}

/// Somebody with a password who may or may not live here.
pub(crate) struct Mover {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) unit: usize,
}

/// What is there.
pub(crate) struct World {
    pub(crate) property: PropertyId,
    pub(crate) hubs: Vec<HubId>,
    /// First those of the units, in order; then a gate for each hub; then the spare ones.
    pub(crate) doors: Vec<Door>,
    pub(crate) units: Vec<Unit>,
    pub(crate) residents: Vec<Resident>,
    pub(crate) movers: Vec<Mover>,
}

impl World {
    /// Creates it in a new database in that folder, with a master key beside it.
    pub(crate) async fn make(data: &Path, size: Size, now: Millis) -> Result<Self> {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS)?;
        let hash = passwords.hash(Password::new(PASSWORD.into())).await;
        let hash = hash.map_err(|_| anyhow::anyhow!("the password can't be hashed"))?;
        let store = open(data, true).await?;
        let world = store.write(move |tx| furnish(tx, size, &hash, now)).await.context("making the property")?;
        store.close().await;
        Ok(world)
    }

    /// The number of a gate of that hub.
    pub(crate) fn gate(&self, hub: usize) -> usize {
        self.units.len() + hub
    }

    /// The number of a spare door.
    pub(crate) fn spare(&self, number: usize) -> usize {
        self.units.len() + self.hubs.len() + number
    }
}

/// Opens the records in a data folder, beside a server that may be running.
pub(crate) async fn open(data: &Path, make: bool) -> Result<Store> {
    open_database(&data.join(DATABASE), master_key(&data.join("master-key"), make)?).await
}

/// A word for a number: names of people hold no digits.
pub(crate) fn word(mut number: usize) -> String {
    let mut word = String::new();
    loop {
        word.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return word;
        }
    }
}

fn furnish(tx: &Tx, size: Size, hash: &str, now: Millis) -> store::Result<World> {
    let property = properties::insert(tx, "Fault Flats", "Europe/Berlin", true, now)?;
    let hubs = (0..size.hubs).map(|number| doors::insert_hub(tx, property, &format!("Hub {}", number + 1), now));
    let hubs = hubs.collect::<store::Result<Vec<_>>>()?;
    let person = |email: &str, name: &str| -> store::Result<PersonId> {
        let id = PersonId::generate();
        people::insert(tx, now, &NewPerson { id, email, name, password_hash: Some(hash), support: false })?;
        Ok(id)
    };
    let manager = person(MANAGER, "Morgan")?;
    people::add_manager(tx, manager, property)?;
    properties::set_custom_codes(tx, property, true, manager, now)?;

    let mut all = Vec::new();
    let mut door = |kind, name: &str, unit_id, hub: usize, slots_total| -> store::Result<()> {
        let hub_id = hubs[hub];
        let new = NewDoor {
            property_id: property,
            building_id: None,
            unit_id,
            kind,
            name,
            hub_id,
            slots_total,
            battery_percent: None,
        };
        all.push((doors::insert_door(tx, &new, now)?, hub_id, slots_total));
        Ok(())
    };
    let mut units = Vec::new();
    for number in 0..size.units {
        let name = format!("{}", 101 + number);
        let id = doors::insert_unit(tx, property, None, &name)?;
        let slots = if number < size.hubs { TIGHT } else { size.slots };
        door(DoorKind::Unit, &name, Some(id), number % size.hubs, slots)?;
        units.push((id, Unit { name }));
    }
    for hub in 0..size.hubs {
        door(DoorKind::Property, &format!("Gate {}", hub + 1), None, hub, 4 * size.slots)?;
    }
    for number in 0..size.spare {
        door(DoorKind::Property, &format!("Side door {}", number + 1), None, number % size.hubs, size.slots)?;
    }
    let locks = doors::all_locks(tx)?;
    let lock_of = |door| locks.iter().find(|lock| lock.door_id == door).map_or(LockId::NIL, |lock| lock.id);
    let doors = all.iter().map(|&(id, hub, slots)| Door { id, lock: lock_of(id), hub, slots }).collect();

    let mut residents = Vec::new();
    for (number, (unit_id, unit)) in units.iter().enumerate().take(size.residents) {
        let (name, email) = (format!("Resident {}", word(number)), format!("resident-{}@example.com", word(number)));
        let dates = Dates { move_in: MOVE_IN, move_out: None, starts_at: now - 1_000, ends_at: None };
        let person_id = person(&email, &name)?;
        let new =
            NewTenancy { property_id: property, unit_id: *unit_id, unit: &unit.name, person_id, name: &name, dates };
        residents.push(Resident { email, unit: number, tenancy: tenancies::insert(tx, &new)? });
    }
    let mut movers = Vec::new();
    for number in 0..size.movers {
        let (name, email) = (format!("Mover {}", word(number)), format!("mover-{}@example.com", word(number)));
        person(&email, &name)?;
        movers.push(Mover { email, name, unit: (size.residents + number) % size.units });
    }
    let subject = Subject { kind: SubjectKind::Property.into(), id: Some(property.uuid()), name: "Fault Flats".into() };
    tx.record(now, NewEvent::done(system_actor(), system_channel(), Action::PropertyAdded, subject))?;
    Ok(World { property, hubs, doors, units: units.into_iter().map(|(_, unit)| unit).collect(), residents, movers })
}

/// Everybody's first day.
pub(crate) const MOVE_IN: &str = "2026-01-01";
