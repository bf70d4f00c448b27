//! Adding buildings, units and doors from a spreadsheet (R34, R36).

use std::collections::{HashMap, HashSet};

use api_types::{
    Action, BadRow, DoorKind, FieldCode, FieldError, LayoutImport, LayoutKind, ProblemCode, Said, Subject, SubjectKind,
};
use ids::{BuildingId, PropertyId, UnitId};
use sha2::{Digest, Sha256};
use store::doors::{self, NewDoor};
use store::layout::{self, Part, PartRecord};
use store::{Db, Scope, properties};

use super::codes;
use crate::domain::deed::Deed;
use crate::domain::property::MAX_NAME;
use crate::domain::{Done, Failure, Refusal, spreadsheet};
use crate::text::{Line, folded, tidy};

/// The most rows a file may have.
pub const MAX_ROWS: usize = 5_000;

/// How many slots a lock is taken to have until it is linked, in place of what its hub will say.
pub const SLOTS_UNTIL_LINKED: u16 = 250;

/// The columns of a layout, in order.
pub const COLUMNS: [&str; 4] = ["building", "unit", "door", "kind"];

/// A row that can be imported: a door, or none where it is there already.
struct Row {
    building: Option<String>,
    unit: Option<String>,
    kind: DoorKind,
    door: String,
}

/// What importing a file would do.
pub struct Plan {
    rows: Vec<Row>,
    report: LayoutImport,
}

impl Plan {
    /// The report of what it would do, with every row that can't be imported.
    pub fn into_report(self) -> LayoutImport {
        LayoutImport { dry_run: true, ..self.report }
    }
}

/// The names of a property, by what they are compared by.
struct Existing {
    buildings: HashMap<String, BuildingId>,
    units: HashMap<String, (UnitId, Option<BuildingId>)>,
    doors: HashMap<String, (Option<DoorKind>, Option<UnitId>)>,
    /// Those of what is retired: they stay in the record, and name nothing else.
    retired: HashSet<(LayoutKind, String)>,
}

impl Existing {
    fn of(db: &Db, property_id: PropertyId) -> store::Result<Self> {
        let mut existing =
            Self { buildings: HashMap::new(), units: HashMap::new(), doors: HashMap::new(), retired: HashSet::new() };
        for kind in LayoutKind::ALL {
            for part in layout::of_property(db, property_id, *kind)? {
                existing.add(&part);
            }
        }
        Ok(existing)
    }

    fn add(&mut self, part: &PartRecord) {
        let name = folded(&part.name);
        if part.retired_at.is_some() {
            self.retired.insert((part.part().kind(), name));
            return;
        }
        match part.part() {
            Part::Building(id) => {
                self.buildings.insert(name, id);
            }
            Part::Unit(id) => {
                self.units.insert(name, (id, part.building_id));
            }
            Part::Door(_) => {
                self.doors.insert(name, (part.door_kind(), part.unit_id));
            }
        }
    }

    /// What a row would be added to, for the plan: it is another one when that has been renamed, moved or retired since.
    fn identity(&self, [building, unit, door]: [&str; 3]) -> String {
        let building = self.buildings.get(&folded(building)).map(ToString::to_string).unwrap_or_default();
        let (unit, of) = match self.units.get(&folded(unit)) {
            Some((id, of)) => (id.to_string(), of.map(|of| of.to_string()).unwrap_or_default()),
            None => (String::new(), String::new()),
        };
        let there = if self.doors.contains_key(&folded(door)) { "there" } else { "new" };
        [building, unit, of, there.to_owned()].join(" ")
    }
}

/// Reads the CSV and works out what importing it would do. A row is a door; one that is there already is unchanged.
///
/// A row with a unit and no kind is a unit door, and without a door's name the door is called like the unit.
///
/// # Errors
/// `not_found` for a property outside the scope; `layout_not_readable` for anything but such a CSV.
pub fn plan(db: &Db, scope: Scope, property_id: PropertyId, csv: &[u8]) -> Done<Plan> {
    properties::get(db, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let records = spreadsheet::rows(csv, COLUMNS, MAX_ROWS)
        .map_err(|detail| Refusal::new(ProblemCode::LayoutNotReadable, detail))?;
    let existing = Existing::of(db, property_id)?;
    let mut report = LayoutImport { rows: records.len() as u32, ..LayoutImport::default() };
    let mut rows: Vec<Row> = Vec::with_capacity(records.len());
    let (mut new_buildings, mut doors) = (HashSet::new(), HashSet::new());
    let mut units: HashMap<String, Option<String>> = HashMap::new();
    let mut digest = Sha256::new();
    for (line, record) in records {
        let record = record.map(|text| tidy(&text));
        let before = report.bad_rows.len();
        let [building, unit, door, kind] = &record;
        let mut wrong = |column: usize, code, detail: &str| {
            let value = record[column].chars().take(MAX_NAME).collect();
            let column = COLUMNS[column].to_owned();
            report.bad_rows.push(BadRow { line, column, value, code: FieldCode::into(code), detail: detail.into() });
        };
        for (column, text) in record.iter().enumerate().take(3).filter(|(_, text)| !text.is_empty()) {
            if let Err(unfit) = Line::parse(text, MAX_NAME) {
                wrong(column, unfit.code(), &unfit.to_string());
            }
        }
        let kind = match (kind.to_lowercase().as_str(), unit.is_empty()) {
            ("" | "unit", false) => DoorKind::Unit,
            ("amenity", true) => DoorKind::Amenity,
            ("property", true) => DoorKind::Property,
            ("amenity" | "property", false) => {
                wrong(1, FieldCode::NotForThisKind, "Only unit doors belong to a unit. Leave the unit empty.");
                continue;
            }
            ("" | "unit", true) => {
                wrong(1, FieldCode::Required, "Enter the unit, or say that the door is an amenity or property door.");
                continue;
            }
            _ => {
                wrong(3, FieldCode::Invalid, "Use unit, amenity or property.");
                continue;
            }
        };
        if door.is_empty() && unit.is_empty() {
            wrong(2, FieldCode::Required, "Enter the door’s name.");
        }
        let door = if door.is_empty() { unit.clone() } else { door.clone() };
        if !doors.insert(folded(&door)) {
            wrong(2, FieldCode::Twice, "Another row has a door with this name.");
        }
        let unit_key = folded(unit);
        for (column, kind, name, detail) in [
            (
                0,
                LayoutKind::Building,
                building,
                "A retired building has this name. Bring it back first, or use another.",
            ),
            (1, LayoutKind::Unit, unit, "A retired unit has this name. Bring it back first, or use another."),
            (2, LayoutKind::Door, &door, "A retired door has this name. Bring it back first, or use another."),
        ] {
            if existing.retired.contains(&(kind, folded(name))) {
                wrong(column, FieldCode::Taken, detail);
            }
        }
        let known_unit = existing.units.get(&unit_key);
        match existing.doors.get(&folded(&door)) {
            Some((known_kind, unit_id)) if *known_kind != Some(kind) || *unit_id != known_unit.map(|(id, _)| *id) => {
                wrong(2, FieldCode::Taken, "Another door of this property has this name.");
            }
            _ => {}
        }
        if !unit.is_empty() {
            let of_building = units.entry(unit_key.clone()).or_insert_with(|| Some(folded(building)));
            let moved = known_unit.is_some_and(|(_, id)| *id != existing.buildings.get(&folded(building)).copied());
            if *of_building != Some(folded(building)) || (moved && !building.is_empty()) {
                wrong(0, FieldCode::Taken, "A unit of this name is in another building.");
            }
        }
        if report.bad_rows.len() > before {
            continue;
        }
        digest.update(existing.identity([building, unit, &door]));
        digest.update("\n");
        if !building.is_empty() && !existing.buildings.contains_key(&folded(building)) {
            new_buildings.insert(folded(building));
        }
        if existing.doors.contains_key(&folded(&door)) {
            report.unchanged += 1;
            continue;
        }
        report.doors += 1;
        rows.push(Row {
            building: Some(building.clone()).filter(|name| !name.is_empty()),
            unit: Some(unit.clone()).filter(|name| !name.is_empty()),
            kind,
            door,
        });
    }
    report.buildings = new_buildings.len() as u32;
    let new_units = rows.iter().filter_map(|row| row.unit.as_deref()).map(folded);
    let new_units: HashSet<_> = new_units.filter(|unit| !existing.units.contains_key(unit)).collect();
    report.units = new_units.len() as u32;
    report.plan = Some(spreadsheet::letters(&digest.finalize()));
    Ok(Plan { rows, report })
}

/// Imports the CSV: all rows, or none if one of them can't be imported. Residents' codes go to every new door of their
/// unit. With the `planned` of a dry run, it does just what that said: a building that was renamed in between isn't added again
/// under the name that the file has for it.
///
/// # Errors
/// As [`plan`], `layout_has_bad_rows` with each bad row, and `layout_moved_on`; recorded.
pub fn import(deed: &Deed<'_>, property_id: PropertyId, csv: &[u8], planned: Option<&str>) -> Done<LayoutImport> {
    let Deed { tx, now, .. } = *deed;
    let (scope, role) = deed.set_up_scope()?;
    let by = deed.acting_at(property_id, role);
    let property = properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Property.into(), id: Some(property_id.uuid()), name: property.name };
    let mut event = by.event(Action::PropertyLayoutImported, subject);
    event.property_id = Some(property_id);
    let Plan { rows, report } = match plan(tx, scope, property_id, csv) {
        Ok(plan) => plan,
        Err(Failure::Refused(refusal)) => return Err(refusal.record(tx, now, event)?),
        Err(failure) => return Err(failure),
    };
    if planned.is_some_and(|planned| report.plan.as_deref() != Some(planned)) {
        let detail = "The property’s layout has changed since this was checked. Check it again.";
        return Err(Refusal::new(ProblemCode::LayoutMovedOn, detail).record(tx, now, event)?);
    }
    if !report.bad_rows.is_empty() {
        let errors = report.bad_rows.iter().map(|row| FieldError {
            field: format!("line {}: {}", row.line, row.column),
            code: row.code.clone(),
            detail: row.detail.clone(),
        });
        let lines = report.bad_rows.iter().map(|row| row.line).collect::<HashSet<_>>().len();
        let detail = format!("{lines} of {} rows can’t be imported, so none were.", report.rows);
        let refusal = Refusal { errors: errors.collect(), ..Refusal::new(ProblemCode::LayoutHasBadRows, detail) };
        return Err(refusal.record(tx, now, event)?);
    }
    let hub_id = if rows.is_empty() { None } else { Some(doors::unlinked_hub(tx, property_id, now)?) };
    let mut existing = Existing::of(tx, property_id)?;
    for (row, hub_id) in rows.iter().zip(std::iter::repeat(hub_id).flatten()) {
        let building_id = match &row.building {
            None => None,
            Some(name) => Some(match existing.buildings.get(&folded(name)) {
                Some(id) => *id,
                None => {
                    let id = doors::insert_building(tx, property_id, name)?;
                    existing.buildings.insert(folded(name), id);
                    id
                }
            }),
        };
        let unit = match &row.unit {
            None => None,
            Some(name) => Some(match existing.units.get(&folded(name)) {
                Some(unit) => *unit,
                None => {
                    let unit = (doors::insert_unit(tx, property_id, building_id, name)?, building_id);
                    existing.units.insert(folded(name), unit);
                    unit
                }
            }),
        };
        let door = NewDoor {
            property_id,
            building_id: unit.map_or(building_id, |(_, building_id)| building_id),
            unit_id: unit.map(|(id, _)| id),
            kind: row.kind,
            name: &row.door,
            hub_id,
            slots_total: SLOTS_UNTIL_LINKED,
            battery_percent: None,
        };
        let door_id = doors::insert_door(tx, &door, now)?;
        if let Some((unit_id, _)) = unit {
            codes::place(tx, &by, unit_id, door_id, now)?;
        }
    }
    let counts = [report.buildings, report.units, report.doors, report.unchanged].map(|count| count.to_string());
    let [buildings, units, doors, unchanged] = counts.each_ref().map(String::as_str);
    let detail = format!("{buildings} buildings, {units} units and {doors} doors added; {unchanged} as they were.");
    event.say(Said::Layout, [buildings, units, doors, unchanged], detail);
    tx.record(now, event)?;
    Ok(report)
}
