//! The staff, as administrators see them.

use api_types::{Role, StaffMember, StaffRole};
use store::people::{self, StaffRecord};
use store::{Db, mail};

use super::mail::undelivered;
use super::time::instant;
use crate::domain::invitation;

/// A member of the staff.
///
/// # Errors
/// [`store::Error`].
pub fn describe(db: &Db, record: StaffRecord) -> store::Result<StaffMember> {
    let alone = |is: bool, role| is.then_some(StaffRole { role, property_id: None });
    let mut roles: Vec<StaffRole> = alone(record.administrator, Role::Administrator).into_iter().collect();
    let managed = people::manages(db, record.id)?.into_iter();
    roles.extend(managed.map(|id| StaffRole { role: Role::Manager, property_id: Some(id) }));
    roles.extend(alone(record.support, Role::Support));
    let state = invitation::state(record.disabled, record.has_password, record.invited);
    let undelivered = mail::undelivered(db, record.id)?.map(undelivered);
    Ok(StaffMember {
        id: record.id,
        name: record.name,
        email: record.email,
        roles,
        state: state.into(),
        last_seen_at: record.last_seen_at.map(instant),
        undelivered,
    })
}
