//! The staff: who is an administrator, a manager of what, and support (R34).

use std::collections::{HashMap, HashSet};

use api_types::{
    Action, FieldCode, NewStaffMember, ProblemCode, Role, Said, StaffMemberEdit, StaffRole, Subject, SubjectKind,
};
use ids::{PersonId, PropertyId};
use store::people::{self, NewPerson, Person};
use store::{Scope, properties};

use super::deed::Deed;
use super::{Done, Refusal, rights, roster};
use crate::text::{Address, Line, tidy};

/// Adds somebody to the staff, who can sign in once they have accepted an invitation. Somebody who is known, such as a
/// resident, gets the roles in addition to what they are.
///
/// # Errors
/// `forbidden` for anybody but administrators; `invalid` for a bad name or address, an address of the staff, no role, or
/// a property that doesn't exist.
pub fn add(deed: &Deed<'_>, new: &NewStaffMember) -> Done<PersonId> {
    deed.require_administrator()?;
    let (name, email) = checked(&new.name, &new.email)?;
    // A refusal is kept along with what was done before it, so everything is checked first.
    let roles = Roles::check(deed, &new.roles, "Choose at least one role.")?;
    let known = people::by_email(deed.tx, &email)?;
    let id = match &known {
        Some(person) if people::staff_member(deed.tx, person.id, deed.now)?.is_some() => {
            return Err(address_taken().into());
        }
        Some(person) => person.id,
        None => {
            let id = PersonId::generate();
            let person = NewPerson { id, email: &email, name: &name, password_hash: None, support: false };
            people::insert(deed.tx, deed.now, &person)?;
            id
        }
    };
    let by = deed.acting_as(Role::Administrator);
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(id.uuid()), name: name.to_string() };
    deed.tx.record(deed.now, by.event(Action::PersonAdded, subject))?;
    set_roles(deed, id, &roles)?;
    Ok(id)
}

/// Changes somebody's roles, or whether they may sign in. Whoever loses a right loses what was issued by it (R24), and who
/// is disabled is signed out at once.
///
/// # Errors
/// `forbidden` for anybody but administrators; `not_found` for somebody who isn't on the staff; `last_administrator`
/// where nobody else could set up anything any more, recorded; `invalid`.
pub fn edit(deed: &Deed<'_>, id: PersonId, edit: &StaffMemberEdit) -> Done<()> {
    deed.require_administrator()?;
    people::staff_member(deed.tx, id, deed.now)?.ok_or_else(Refusal::not_found)?;
    let person = people::by_id(deed.tx, id)?.ok_or_else(Refusal::not_found)?;
    let roles = edit.roles.as_deref();
    let roles = roles.map(|roles| Roles::check(deed, roles, "Choose at least one role, or disable the person."));
    let roles = roles.transpose()?;
    let by = deed.acting_as(Role::Administrator);
    let loses_role = roles.as_ref().is_some_and(|roles| !roles.administrator);
    let disables = edit.disabled == Some(true) && person.disabled_at.is_none();
    if person.administrator && (loses_role || disables) && !people::has_administrator(deed.tx, Some(id))? {
        let action = if disables { Action::PersonDisabled } else { Action::PersonAdministratorRemoved };
        let subject = Subject { kind: SubjectKind::Person.into(), id: Some(id.uuid()), name: person.name };
        let detail = "They are the only administrator who can sign in. Make somebody else one first.";
        let refusal = Refusal::new(ProblemCode::LastAdministrator, detail);
        return Err(refusal.record(deed.tx, deed.now, by.event(action, subject))?);
    }
    if let Some(roles) = &roles {
        set_roles(deed, id, roles)?;
    }
    match edit.disabled {
        Some(true) if person.disabled_at.is_none() => rights::disable(deed.tx, &by, id, deed.now)?,
        Some(false) if person.disabled_at.is_some() => rights::enable(deed.tx, &by, id, deed.now)?,
        _ => {}
    }
    Ok(())
}

/// Somebody has the address.
pub(super) fn address_taken() -> Refusal {
    Refusal::invalid("email", FieldCode::Taken, "Somebody here has this address already.")
}

/// A name and an address as they are kept.
///
/// # Errors
/// `invalid`.
pub fn checked(name: &str, email: &str) -> Done<(Line, Address)> {
    let name = Line::parse(&tidy(name), roster::MAX_TEXT).map_err(|unfit| Refusal::unfit("name", unfit))?;
    let email = Address::parse(email).ok_or_else(|| {
        Refusal::invalid("email", FieldCode::NotAnAddress, "Enter an email address like ada@example.com.")
    })?;
    Ok((name, email))
}

/// What somebody is on the staff, checked.
struct Roles {
    administrator: bool,
    support: bool,
    /// The properties that they manage, with their names.
    managed: HashMap<PropertyId, String>,
}

impl Roles {
    /// # Errors
    /// `invalid` for no role (with the sentence `none`), and for what is no role of the staff or a property that doesn't exist.
    fn check(deed: &Deed<'_>, roles: &[StaffRole], none: &str) -> Done<Self> {
        if roles.is_empty() {
            return Err(Refusal::invalid("roles", FieldCode::Required, none).into());
        }
        let mut checked = Self { administrator: false, support: false, managed: HashMap::new() };
        for StaffRole { role, property_id } in roles {
            match (role, property_id) {
                (Role::Administrator, None) => checked.administrator = true,
                (Role::Support, None) => checked.support = true,
                (Role::Manager, Some(property_id)) => {
                    let property = properties::get(deed.tx, Scope::Everything, *property_id)?.ok_or_else(|| {
                        Refusal::invalid("roles", FieldCode::Invalid, "One of the properties doesn’t exist.")
                    })?;
                    checked.managed.insert(*property_id, property.name);
                }
                (Role::Manager, None) => {
                    let detail = "Choose the manager’s properties.";
                    return Err(Refusal::invalid("roles", FieldCode::Required, detail).into());
                }
                _ => {
                    let detail = "Use administrator, support, or manager with a property.";
                    return Err(Refusal::invalid("roles", FieldCode::Invalid, detail).into());
                }
            }
        }
        Ok(checked)
    }
}

fn set_roles(deed: &Deed<'_>, id: PersonId, roles: &Roles) -> Done<()> {
    let Roles { administrator, support, ref managed } = *roles;
    let person = people::by_id(deed.tx, id)?.ok_or_else(Refusal::not_found)?;
    if administrator != person.administrator {
        people::set_administrator(deed.tx, id, administrator)?;
        let actions = (Action::PersonAdministratorAdded, Action::PersonAdministratorRemoved);
        record(deed, &person, if administrator { actions.0 } else { actions.1 }, None)?;
    }
    if support != person.support {
        people::set_support(deed.tx, id, support)?;
        let action = if support { Action::PersonSupportAdded } else { Action::PersonSupportRemoved };
        record(deed, &person, action, None)?;
    }
    let before: HashSet<PropertyId> = people::manages(deed.tx, id)?.into_iter().collect();
    for (property_id, name) in managed.iter().filter(|(id, _)| !before.contains(id)) {
        people::add_manager(deed.tx, id, *property_id)?;
        record(deed, &person, Action::PersonManagerAdded, Some((*property_id, name)))?;
    }
    for property_id in before.iter().filter(|id| !managed.contains_key(id)) {
        rights::remove_manager(deed.tx, &deed.acting_as(Role::Administrator), id, *property_id, deed.now)?;
    }
    Ok(())
}

fn record(deed: &Deed<'_>, person: &Person, action: Action, property: Option<(PropertyId, &str)>) -> Done<()> {
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name.clone() };
    let mut event = deed.acting_as(Role::Administrator).event(action, subject);
    if let Some((id, name)) = property {
        event.property_id = Some(id);
        event.say(Said::Manages, [name], format!("Manages {name}."));
    }
    deed.tx.record(deed.now, event)?;
    Ok(())
}
