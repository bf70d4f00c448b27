//! Events about a part of a layout.

use api_types::{Action, LayoutKind, Subject, SubjectKind};
use store::audit::NewEvent;
use store::layout::{Part, PartRecord};

use crate::domain::By;

/// An event about a part, by the name that it has then.
pub(super) fn event(by: &By, action: Action, part: &PartRecord) -> NewEvent {
    let (kind, name) = match part.part() {
        Part::Building(_) => (SubjectKind::Building, part.name.clone()),
        Part::Unit(_) => (SubjectKind::Unit, format!("Unit {}", part.name)),
        Part::Door(_) => (SubjectKind::Door, part.name.clone()),
    };
    let subject = Subject { kind: kind.into(), id: Some(part.part().id()), name };
    let mut event = by.event(action, subject);
    event.property_id = Some(part.property_id);
    match part.part() {
        Part::Building(_) => {}
        Part::Unit(_) => event.facts.unit = Some(part.name.clone()),
        Part::Door(id) => event.door_id = Some(id),
    }
    event
}

/// The actions that say the same of a building, a unit and a door.
pub(super) struct Actions {
    pub(super) added: Action,
    pub(super) renamed: Action,
    pub(super) retired: Action,
    pub(super) brought_back: Action,
    pub(super) deleted: Action,
}

/// Those of a kind.
pub(super) fn actions(kind: LayoutKind) -> Actions {
    match kind {
        LayoutKind::Building => Actions {
            added: Action::BuildingAdded,
            renamed: Action::BuildingRenamed,
            retired: Action::BuildingRetired,
            brought_back: Action::BuildingBroughtBack,
            deleted: Action::BuildingDeleted,
        },
        LayoutKind::Unit => Actions {
            added: Action::UnitAdded,
            renamed: Action::UnitRenamed,
            retired: Action::UnitRetired,
            brought_back: Action::UnitBroughtBack,
            deleted: Action::UnitDeleted,
        },
        LayoutKind::Door => Actions {
            added: Action::DoorAdded,
            renamed: Action::DoorRenamed,
            retired: Action::DoorRetired,
            brought_back: Action::DoorBroughtBack,
            deleted: Action::DoorDeleted,
        },
    }
}
