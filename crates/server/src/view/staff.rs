//! The staff, as administrators see them.

use api_types::{AccountState, Role, StaffMember, StaffRole};
use store::Db;
use store::people::{self, StaffRecord};

use super::time::instant;

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
    let state = match (record.disabled, record.has_password, record.invited) {
        (true, ..) => AccountState::Disabled,
        (_, true, _) => AccountState::Active,
        (_, _, true) => AccountState::Invited,
        _ => AccountState::NotInvited,
    };
    Ok(StaffMember {
        id: record.id,
        name: record.name,
        email: record.email,
        roles,
        state: state.into(),
        last_seen_at: record.last_seen_at.map(instant),
    })
}
