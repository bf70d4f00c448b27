//! Renaming and moving parts of a layout, and bringing retired ones back (R36).

use api_types::{Action, DoorKind, FieldCode, LayoutEdit, LayoutKind, ProblemCode, Said};
use ids::{BuildingId, PropertyId, UnitId};
use store::layout::{self, Part, PartRecord};
use store::placements::Moved;
use store::{Db, Scope, Tx};

use super::codes;
use super::event::{actions, event};
use crate::domain::deed::Deed;
use crate::domain::property::named;
use crate::domain::{By, Done, Refusal};
use crate::text::folded;

/// Changes what is given of a part, provided that the person has read its current version. Each change is an event;
/// setting what is set already is done and recorded again.
///
/// A unit takes its doors along, and a door that is called like its unit is renamed with it. Guest codes are taken off doors that
/// their residents couldn't issue them for any more (R21). A door that is brought back gets the codes of its unit's residents
/// again, but no guest codes; a unit brings back the doors that were retired with it.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `stale` when it was changed since, recorded; `retired` for a
/// retired part that isn't brought back, or one whose unit or building is; `invalid`. Nothing is changed then.
pub fn edit(deed: &Deed<'_>, part: Part, has_read: impl Fn(i64) -> bool, edit: &LayoutEdit) -> Done<PartRecord> {
    let Deed { tx, now, .. } = *deed;
    let (scope, role) = deed.set_up_scope()?;
    let before = layout::get(tx, scope, part)?.ok_or_else(Refusal::not_found)?;
    let change = Change { deed, by: deed.acting_at(before.property_id, role), before };
    if !has_read(change.before.version) {
        let refusal = Refusal::new(ProblemCode::Stale, "Someone changed this since you opened it.");
        return Err(refusal.record(tx, now, event(&change.by, change.first_action(edit), &change.before))?);
    }
    // A refusal is kept along with what was done before it, so everything is checked first.
    let checked = change.check(edit)?;
    change.apply(checked)?;
    Ok(layout::get(tx, scope, part)?.ok_or_else(Refusal::not_found)?)
}

/// What is changed, checked: `None` stays as it is.
struct Checked {
    bring_back: bool,
    name: Option<String>,
    /// Doors that are called like the unit, and are so afterwards.
    doors_like_it: Vec<PartRecord>,
    building: Option<(Option<BuildingId>, String)>,
    kind: Option<DoorKind>,
}

struct Change<'a> {
    deed: &'a Deed<'a>,
    by: By,
    before: PartRecord,
}

impl Change<'_> {
    /// As what a change that was refused is recorded.
    fn first_action(&self, edit: &LayoutEdit) -> Action {
        let kind = self.before.part().kind();
        match (edit, kind) {
            (LayoutEdit { retired: Some(_), .. }, _) => actions(kind).brought_back,
            (LayoutEdit { building_id: Some(_), name: None, .. }, LayoutKind::Unit) => Action::UnitMoved,
            (LayoutEdit { building_id: Some(_), name: None, .. }, LayoutKind::Door) => Action::DoorMoved,
            (LayoutEdit { kind: Some(_), name: None, .. }, LayoutKind::Door) => Action::DoorKindChanged,
            _ => actions(kind).renamed,
        }
    }

    fn check(&self, edit: &LayoutEdit) -> Done<Checked> {
        if *edit == LayoutEdit::default() {
            return Err(Refusal::new(ProblemCode::Invalid, "Say what to change.").into());
        }
        if edit.retired == Some(true) {
            return Err(Refusal::invalid("retired", FieldCode::Invalid, "It is retired with DELETE.").into());
        }
        let retired = self.before.retired_at.is_some();
        if retired && edit.retired.is_none() {
            return Err(Refusal::new(ProblemCode::Retired, "It is retired. Bring it back first.").into());
        }
        let building = self.building(edit)?;
        if retired {
            self.may_come_back(building.as_ref())?;
        }
        let kind = self.kind(edit)?;
        let name = edit.name.as_deref().map(|name| self.free_name(name)).transpose()?;
        let doors_like_it = name.as_deref().map(|name| self.doors_like_it(name)).transpose()?.unwrap_or_default();
        Ok(Checked { bring_back: retired, name, doors_like_it, building, kind })
    }

    /// What it belongs to has to be in use.
    fn may_come_back(&self, moved: Option<&(Option<BuildingId>, String)>) -> Done<()> {
        let tx = self.deed.tx;
        let retired = |part: Part| -> Done<bool> {
            Ok(layout::get(tx, Scope::Everything, part)?.is_some_and(|part| part.retired_at.is_some()))
        };
        if let (Some(id), Some(name)) = (self.before.unit_id, &self.before.unit)
            && retired(Part::Unit(id))?
        {
            let detail = format!("Its unit is retired. Bring back unit {name} first.");
            return Err(Refusal::new(ProblemCode::Retired, detail).into());
        }
        if let (None, Some(id), Some(name)) = (moved, self.before.building_id, &self.before.building)
            && retired(Part::Building(id))?
        {
            let detail = format!("Its building is retired. Bring back {name} first, or choose another building.");
            return Err(Refusal::new(ProblemCode::Retired, detail).into());
        }
        Ok(())
    }

    /// Another building, with its name.
    fn building(&self, edit: &LayoutEdit) -> Done<Option<(Option<BuildingId>, String)>> {
        let Some(id) = edit.building_id else { return Ok(None) };
        let not_for_this = match (self.before.part().kind(), self.before.unit_id) {
            (LayoutKind::Building, _) => Some("A building is in no other building."),
            (LayoutKind::Door, Some(_)) => Some("A unit’s door is where its unit is. Move the unit."),
            _ => None,
        };
        if let Some(detail) = not_for_this {
            return Err(Refusal::invalid("building_id", FieldCode::NotForThisKind, detail).into());
        }
        let name = match id {
            None => String::new(),
            Some(id) => building_in_use(self.deed.tx, self.before.property_id, id)?.1.name,
        };
        Ok(Some((id, name)))
    }

    /// Another kind of door.
    fn kind(&self, edit: &LayoutEdit) -> Done<Option<DoorKind>> {
        let Some(kind) = edit.kind else { return Ok(None) };
        let detail = match (self.before.door_kind(), kind) {
            (Some(DoorKind::Amenity | DoorKind::Property), DoorKind::Amenity | DoorKind::Property) => {
                return Ok(Some(kind));
            }
            (None, _) => "Only doors have a kind.",
            _ => "A unit’s door stays one, and others become none. Retire the door, and add another.",
        };
        Err(Refusal::invalid("kind", FieldCode::NotForThisKind, detail).into())
    }

    /// A name that nothing else of its kind has at the property, retired or not: what is on record stays unmistakable (R36).
    fn free_name(&self, text: &str) -> Done<String> {
        let name = named("name", text)?.to_string();
        if let Some(other) = self.other_with(&name, self.before.part().kind())? {
            return Err(taken(&other).into());
        }
        Ok(name)
    }

    fn other_with(&self, name: &str, kind: LayoutKind) -> store::Result<Option<PartRecord>> {
        let alike = with_name(self.deed.tx, self.before.property_id, kind, name)?;
        Ok(alike.into_iter().find(|it| it.part() != self.before.part()))
    }

    /// The unit's doors that are called like it.
    fn doors_like_it(&self, name: &str) -> Done<Vec<PartRecord>> {
        let Part::Unit(id) = self.before.part() else { return Ok(Vec::new()) };
        let mut doors = layout::doors_of_unit(self.deed.tx, id)?;
        doors.retain(|door| folded(&door.name) == folded(&self.before.name));
        if let (Some(own), Some(other)) = (doors.first(), self.other_with(name, LayoutKind::Door)?)
            && own.part() != other.part()
        {
            return Err(taken(&other).into());
        }
        Ok(doors)
    }

    fn apply(&self, checked: Checked) -> Done<()> {
        let Deed { tx, now, .. } = *self.deed;
        let part = self.before.part();
        if checked.bring_back {
            self.bring_back()?;
        }
        if let Some(name) = &checked.name {
            for renamed in [&self.before].into_iter().chain(&checked.doors_like_it) {
                layout::rename(tx, renamed.part(), name)?;
                let mut event = event(&self.by, actions(renamed.part().kind()).renamed, &renamed.called(name));
                event.say(Said::WasCalled, [&renamed.name], format!("Was called {}.", renamed.name));
                tx.record(now, event)?;
            }
        }
        let as_called = self.before.called(checked.name.as_deref().unwrap_or(&self.before.name));
        if let Some((building_id, building)) = &checked.building {
            layout::move_to(tx, part, *building_id)?;
            let action = if part.kind() == LayoutKind::Unit { Action::UnitMoved } else { Action::DoorMoved };
            let mut event = event(&self.by, action, &as_called);
            let was = self.before.building.as_deref().unwrap_or_default();
            event.say(Said::Moved, [was, building], moved_sentence(was, building));
            tx.record(now, event)?;
        }
        if let (Some(kind), Some(was), Part::Door(id)) = (checked.kind, self.before.door_kind(), part) {
            layout::set_door_kind(tx, id, kind)?;
            let mut event = event(&self.by, Action::DoorKindChanged, &as_called);
            event.say(Said::WasFor, [was.name(), kind.name()], kind_sentence(kind));
            tx.record(now, event)?;
        }
        match part {
            Part::Unit(id) if checked.building.is_some() => codes::leave_doors(tx, &self.by, Moved::Unit(id), now),
            Part::Door(id) if checked.building.is_some() || checked.kind.is_some() => {
                codes::leave_doors(tx, &self.by, Moved::Door(id), now)
            }
            _ => Ok(()),
        }
    }

    /// Brings it back into use; with a unit, the doors that were retired together with it.
    fn bring_back(&self) -> Done<()> {
        self.back_in_use(&self.before)?;
        if let Part::Unit(id) = self.before.part() {
            let with_it = layout::doors_of_unit(self.deed.tx, id)?.into_iter();
            for door in with_it.filter(|door| door.retired_at == self.before.retired_at) {
                self.back_in_use(&door)?;
            }
        }
        Ok(())
    }

    fn back_in_use(&self, part: &PartRecord) -> Done<()> {
        let Deed { tx, now, .. } = *self.deed;
        layout::set_retired(tx, part.part(), None)?;
        tx.record(now, event(&self.by, actions(part.part().kind()).brought_back, part))?;
        match (part.unit_id, part.part()) {
            (Some(unit_id), Part::Door(id)) => self.place_codes(tx, unit_id, id),
            _ => Ok(()),
        }
    }

    fn place_codes(&self, tx: &Tx, unit_id: UnitId, door_id: ids::DoorId) -> Done<()> {
        codes::place(tx, &self.by, unit_id, door_id, self.deed.now)
    }
}

/// What has that name at a property, retired or not.
pub(super) fn with_name(
    db: &Db,
    property_id: PropertyId,
    kind: LayoutKind,
    name: &str,
) -> store::Result<Vec<PartRecord>> {
    let mut all = layout::of_property(db, property_id, kind)?;
    all.retain(|it| folded(&it.name) == folded(name));
    Ok(all)
}

/// A building of that property that isn't retired.
pub(super) fn building_in_use(db: &Db, property_id: PropertyId, id: BuildingId) -> Done<(BuildingId, PartRecord)> {
    let building = layout::get(db, Scope::Everything, Part::Building(id))?;
    let building = building.filter(|it| it.property_id == property_id && it.retired_at.is_none());
    let wrong = || {
        let detail = "Choose a building of this property that is in use.";
        Refusal::invalid("building_id", FieldCode::Invalid, detail)
    };
    Ok((id, building.ok_or_else(wrong)?))
}

pub(super) fn taken(other: &PartRecord) -> Refusal {
    let detail = match (other.part().kind(), other.retired_at) {
        (LayoutKind::Building, None) => "Another building of this property has this name.",
        (LayoutKind::Unit, None) => "Another unit of this property has this name.",
        (LayoutKind::Door, None) => "Another door of this property has this name.",
        (LayoutKind::Building, Some(_)) => "A retired building has this name. Bring it back, or use another name.",
        (LayoutKind::Unit, Some(_)) => "A retired unit has this name. Bring it back, or use another name.",
        (LayoutKind::Door, Some(_)) => "A retired door has this name. Bring it back, or use another name.",
    };
    Refusal::invalid("name", FieldCode::Taken, detail)
}

fn moved_sentence(was: &str, is: &str) -> String {
    match (was, is) {
        ("", is) => format!("In {is} now. Was in no building."),
        (was, "") => format!("In no building now. Was in {was}."),
        (was, is) => format!("In {is} now. Was in {was}."),
    }
}

fn kind_sentence(kind: DoorKind) -> &'static str {
    match kind {
        DoorKind::Amenity => "An amenity door now.",
        DoorKind::Property => "A property door now.",
        DoorKind::Unit => "A unit door now.",
    }
}
