//! The layout of a property: its buildings, units and doors, and what becomes of each (R36).

use api_types::{DoorKind, LayoutKind, MaybeKnown};
use ids::{BuildingId, DoorId, PropertyId, TenancyId, UnitId};
use rusqlite::params;
use uuid::Uuid;

use crate::words::{self, sort_key};
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, Tx, sql, tenancies};

/// Which part of a layout is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A building.
    Building(BuildingId),
    /// A unit.
    Unit(UnitId),
    /// A door.
    Door(DoorId),
}

impl Part {
    /// What it is.
    pub fn kind(self) -> LayoutKind {
        match self {
            Self::Building(_) => LayoutKind::Building,
            Self::Unit(_) => LayoutKind::Unit,
            Self::Door(_) => LayoutKind::Door,
        }
    }

    /// Its id.
    pub fn id(self) -> Uuid {
        match self {
            Self::Building(id) => id.uuid(),
            Self::Unit(id) => id.uuid(),
            Self::Door(id) => id.uuid(),
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::Building(_) => "building",
            Self::Unit(_) => "unit",
            Self::Door(_) => "door",
        }
    }
}

/// A building, unit or door.
#[derive(Clone, Debug)]
pub struct PartRecord {
    id: Uuid,
    kind: LayoutKind,
    /// The property.
    pub property_id: PropertyId,
    /// The name people know it by.
    pub name: String,
    /// The building that it is in.
    pub building_id: Option<BuildingId>,
    /// That building's name.
    pub building: Option<String>,
    /// The unit that a door belongs to.
    pub unit_id: Option<UnitId>,
    /// That unit's name.
    pub unit: Option<String>,
    door_kind: Option<MaybeKnown<DoorKind>>,
    /// When it was retired (R36).
    pub retired_at: Option<Millis>,
    /// The `ETag`: incremented with every change.
    pub version: i64,
}

sql::from_row!(PartRecord {
    id,
    kind as Named,
    property_id,
    name,
    building_id,
    building,
    unit_id,
    unit,
    door_kind as NamedIfKnown,
    retired_at as Moment,
    version,
});

impl PartRecord {
    /// Which part it is.
    pub fn part(&self) -> Part {
        match self.kind {
            LayoutKind::Building => Part::Building(BuildingId::from_uuid(self.id)),
            LayoutKind::Unit => Part::Unit(UnitId::from_uuid(self.id)),
            LayoutKind::Door => Part::Door(DoorId::from_uuid(self.id)),
        }
    }

    /// The same by another name.
    #[must_use]
    pub fn called(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// What a door is for.
    pub fn door_kind(&self) -> Option<DoorKind> {
        self.door_kind.as_ref().and_then(MaybeKnown::known)
    }
}

/// Every part of that kind.
fn select(kind: LayoutKind) -> Query {
    Query::new(match kind {
        LayoutKind::Building => {
            "SELECT building.id, 'building' AS kind, building.property_id, building.name, NULL AS building_id, \
             NULL AS building, NULL AS unit_id, NULL AS unit, NULL AS door_kind, building.retired_at, building.version \
             FROM building WHERE TRUE"
        }
        LayoutKind::Unit => {
            "SELECT unit.id, 'unit' AS kind, unit.property_id, unit.name, unit.building_id, building.name AS building, \
             NULL AS unit_id, NULL AS unit, NULL AS door_kind, unit.retired_at, unit.version \
             FROM unit LEFT JOIN building ON building.id = unit.building_id WHERE TRUE"
        }
        LayoutKind::Door => {
            "SELECT door.id, 'door' AS kind, door.property_id, door.name, door.building_id, building.name AS building, \
             door.unit_id, unit.name AS unit, door.kind AS door_kind, door.retired_at, door.version \
             FROM door LEFT JOIN building ON building.id = door.building_id \
             LEFT JOIN unit ON unit.id = door.unit_id WHERE TRUE"
        }
    })
}

/// One part of the layout of a property in scope.
pub fn get(db: &Db, scope: Scope, part: Part) -> Result<Option<PartRecord>> {
    let (mut query, table) = (select(part.kind()), part.table());
    query.push(" AND ").push(table).push(".id = ").bind(part.id());
    let column = match part {
        Part::Building(_) => "building.property_id",
        Part::Unit(_) => "unit.property_id",
        Part::Door(_) => "door.property_id",
    };
    scope.push_for_few(&mut query, column, None);
    query.optional(db)
}

/// The readable parts of one kind of a property's layout, retired ones included.
pub fn of_property(db: &Db, property_id: PropertyId, kind: LayoutKind) -> Result<Vec<PartRecord>> {
    let mut query = select(kind);
    query.push(match kind {
        LayoutKind::Building => " AND building.property_id = ",
        LayoutKind::Unit => " AND unit.property_id = ",
        LayoutKind::Door => " AND door.property_id = ",
    });
    query.bind(property_id);
    query.all_readable(db)
}

/// The doors of a unit, retired ones included.
pub fn doors_of_unit(db: &Db, unit_id: UnitId) -> Result<Vec<PartRecord>> {
    let mut query = select(LayoutKind::Door);
    query.push(" AND door.unit_id = ").bind(unit_id).push(" ORDER BY door.sort_key, door.id");
    query.all(db)
}

/// What to look for in a layout. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Buildings, units or doors.
    pub kind: Option<LayoutKind>,
    /// What is retired, or what is in use.
    pub retired: bool,
    /// Parts of its name, its unit's or its building's, in any order, case and accents (R42); any if empty.
    pub text: String,
}

const LIST: &str = "layout";

/// A page of a property's layout: buildings, then units, then doors, each by name; and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list(
    db: &Db,
    property_id: PropertyId,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<PartRecord>, Option<String>)> {
    let after = cursor.map(|text| Cursor::parse(LIST, text)).transpose()?;
    let after = after.map(|cursor| Ok::<_, Error>((cursor.key, cursor.id.parse().map_err(|_| Error::BadCursor)?)));
    let after: Option<(String, Uuid)> = after.transpose()?;
    let wanted = words::wanted(&filter.text);
    // A property has some hundreds of parts, so a page is cut from all of them.
    let mut parts = Vec::new();
    for (rank, kind) in LayoutKind::ALL.iter().enumerate() {
        if filter.kind.is_some_and(|only| only != *kind) {
            continue;
        }
        for part in of_property(db, property_id, *kind)? {
            let names = [Some(&part.name), part.unit.as_ref(), part.building.as_ref()];
            let text = names.into_iter().flatten().map(|name| words::fold(name)).collect::<Vec<_>>().join(" ");
            let found = wanted.iter().all(|word| text.contains(word.as_str()));
            let key = format!("{rank}{}", sort_key(&part.name));
            let comes = after.as_ref().is_none_or(|(at, id)| (at.as_str(), *id) < (key.as_str(), part.id));
            if found && comes && part.retired_at.is_some() == filter.retired {
                parts.push((key, part));
            }
        }
    }
    parts.sort_by(|(one, a), (other, b)| (one, a.id).cmp(&(other, b.id)));
    let more = parts.len() > limit as usize;
    parts.truncate(limit as usize);
    let last = parts.last().filter(|_| more);
    let next = last.map(|(key, part)| Cursor { key: key.clone(), id: part.id.to_string() }.print(LIST));
    Ok((parts.into_iter().map(|(_, part)| part).collect(), next))
}

/// Gives it another name, by which a unit's residents are found too. Events keep the one they were recorded with.
pub fn rename(tx: &Tx, part: Part, name: &str) -> Result<()> {
    match part {
        Part::Building(id) => {
            sql::execute(tx, "UPDATE building SET name = ?, version = version + 1 WHERE id = ?", params![name, id])?;
        }
        Part::Unit(id) => {
            let key = sort_key(name);
            let sql = "UPDATE unit SET name = ?, sort_key = ?, version = version + 1 WHERE id = ?";
            sql::execute(tx, sql, params![name, key, id])?;
            let residents = "SELECT id, name FROM tenancy WHERE unit_id = ?";
            for (tenancy, resident) in sql::all::<(TenancyId, String)>(tx, residents, [id])? {
                sql::execute(tx, "UPDATE tenancy SET unit_key = ? WHERE id = ?", params![key, tenancy])?;
                tenancies::rename(tx, tenancy, &resident, name)?;
            }
        }
        Part::Door(id) => {
            let sql = "UPDATE door SET name = ?, sort_key = ?, version = version + 1 WHERE id = ?";
            sql::execute(tx, sql, params![name, sort_key(name), id])?;
        }
    }
    Ok(())
}

/// Moves a unit with its doors, or a door, into a building, or out of any.
pub fn move_to(tx: &Tx, part: Part, building_id: Option<BuildingId>) -> Result<()> {
    let (unit, door) = match part {
        Part::Building(_) => return Ok(()),
        Part::Unit(id) => (Some(id), None),
        Part::Door(id) => (None, Some(id)),
    };
    if let Some(id) = unit {
        let sql = "UPDATE unit SET building_id = ?, version = version + 1 WHERE id = ?";
        sql::execute(tx, sql, params![building_id, id])?;
    }
    let sql = "UPDATE door SET building_id = ?, version = version + 1 WHERE id = ? OR unit_id = ?";
    sql::execute(tx, sql, params![building_id, door, unit])?;
    Ok(())
}

/// Sets what a door that belongs to no unit is for.
pub fn set_door_kind(tx: &Tx, id: DoorId, kind: DoorKind) -> Result<()> {
    sql::execute(tx, "UPDATE door SET kind = ?, version = version + 1 WHERE id = ?", params![kind.name(), id])?;
    Ok(())
}

/// Retires it, or brings it back (`at` is `None`).
pub fn set_retired(tx: &Tx, part: Part, at: Option<Millis>) -> Result<()> {
    let sql = match part {
        Part::Building(_) => "UPDATE building SET retired_at = ?, version = version + 1 WHERE id = ?",
        Part::Unit(_) => "UPDATE unit SET retired_at = ?, version = version + 1 WHERE id = ?",
        Part::Door(_) => "UPDATE door SET retired_at = ?, version = version + 1 WHERE id = ?",
    };
    sql::execute(tx, sql, params![at, part.id()])?;
    Ok(())
}

/// Whether anything has happened to it or depends on it, so that it can only be retired (R36). For a unit, its doors have to
/// be asked too.
pub fn has_history(db: &Db, part: Part) -> Result<bool> {
    let sql = match part {
        Part::Building(_) => {
            "SELECT EXISTS (SELECT 1 FROM unit WHERE building_id = ?1) OR EXISTS (SELECT 1 FROM door WHERE building_id = ?1) \
             OR EXISTS (SELECT 1 FROM audit WHERE subject_id = ?1 AND outcome = 'done')"
        }
        Part::Unit(_) => {
            "SELECT EXISTS (SELECT 1 FROM tenancy WHERE unit_id = ?1) \
             OR EXISTS (SELECT 1 FROM audit WHERE subject_id = ?1 AND outcome = 'done') \
             OR EXISTS (SELECT 1 FROM unavailable_code WHERE unit_id = ?1)"
        }
        Part::Door(_) => {
            "SELECT EXISTS (SELECT 1 FROM placement WHERE door_id = ?1) \
             OR EXISTS (SELECT 1 FROM audit WHERE subject_id = ?1 AND outcome = 'done')"
        }
    };
    sql::value(db, sql, [part.id()])
}

/// Deletes what has no history; a door with its lock.
pub fn delete(tx: &Tx, part: Part) -> Result<()> {
    match part {
        Part::Building(id) => sql::execute(tx, "DELETE FROM building WHERE id = ?", [id])?,
        Part::Unit(id) => sql::execute(tx, "DELETE FROM unit WHERE id = ?", [id])?,
        Part::Door(id) => {
            let readings = "DELETE FROM battery_reading WHERE lock_id IN (SELECT id FROM lock WHERE door_id = ?)";
            sql::execute(tx, readings, [id])?;
            sql::execute(tx, "DELETE FROM lock WHERE door_id = ?", [id])?;
            sql::execute(tx, "DELETE FROM door WHERE id = ?", [id])?
        }
    };
    Ok(())
}

/// How many residents live in a unit, or will.
pub fn residents_of_unit(db: &Db, id: UnitId) -> Result<u32> {
    sql::value(db, "SELECT count(*) FROM tenancy WHERE unit_id = ? AND ended_at IS NULL", [id])
}

/// How many units and other doors that are in use a building has.
pub fn in_building(db: &Db, id: BuildingId) -> Result<(u32, u32)> {
    let units = sql::value(db, "SELECT count(*) FROM unit WHERE building_id = ? AND retired_at IS NULL", [id])?;
    let doors = "SELECT count(*) FROM door WHERE building_id = ? AND retired_at IS NULL AND unit_id IS NULL";
    Ok((units, sql::value(db, doors, [id])?))
}
