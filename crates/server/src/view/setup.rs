//! How far setting up a property has come: the one definition, for the list of steps and for whether all are done.

use api_types::{SetupState, SetupStep};
use store::properties::{self, PropertyRecord, SetUp};
use store::{Db, doors};

/// Every step, with how far it is.
///
/// # Errors
/// [`store::Error`].
pub fn steps(db: &Db, property: &PropertyRecord) -> store::Result<Vec<SetupState>> {
    let found = properties::set_up(db, property.id)?;
    let mut steps: Vec<SetupState> = SetupStep::ALL.iter().map(|step| state(*step, property, found)).collect();
    for step in steps.iter_mut().filter(|step| step.left.is_some()) {
        step.hub_id = doors::unlinked_hubs(db, property.id)?.first().copied();
    }
    Ok(steps)
}

fn state(step: SetupStep, property: &PropertyRecord, found: SetUp) -> SetupState {
    let contact = property.support_email.as_deref().or(property.support_phone.as_deref());
    let (done, detail) = match step {
        SetupStep::Contact => match contact {
            Some(contact) => (true, format!("Residents turn to {contact}.")),
            None => (false, "Say whom residents turn to when something doesn’t work.".into()),
        },
        SetupStep::Layout if found.has_doors => (true, "There are doors.".into()),
        SetupStep::Layout => (false, "Add the buildings, units and doors.".into()),
        SetupStep::Locks => match found.doors_without_lock {
            0 if found.has_doors => (true, "Every door has a lock.".into()),
            0 => (false, "Doors come first, then their locks.".into()),
            1 => (false, "1 door has no lock yet, so its codes wait.".into()),
            doors => (false, format!("{doors} doors have no lock yet, so their codes wait.")),
        },
        SetupStep::Manager if found.has_manager => (true, "Somebody manages it and can sign in.".into()),
        SetupStep::Manager => (false, "Invite a manager: nobody who manages it can sign in yet.".into()),
        SetupStep::Residents if found.has_residents => (true, "There are residents.".into()),
        SetupStep::Residents => (false, "Import the residents.".into()),
    };
    let left = (step == SetupStep::Locks && found.doors_without_lock > 0).then_some(found.doors_without_lock);
    SetupState { step: step.into(), done, detail, left, hub_id: None }
}
