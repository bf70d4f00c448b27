//! The events of a guest code.

use api_types::Action;
use store::audit::NewEvent;
use store::{Db, codes};
use uuid::Uuid;

use crate::domain::{By, code_subject};

/// An event about an existing guest code.
pub(in crate::domain) fn subject_event(db: &Db, by: &By, action: Action, code_id: Uuid) -> store::Result<NewEvent> {
    let holder = codes::holder(db, code_id)?;
    let holder = holder.ok_or_else(|| store::Error::Unreadable("a guest code without its code".into()))?;
    let mut event = by.event(action, code_subject(&holder));
    event.property_id = Some(holder.property_id);
    event.resident_id = holder.tenancy_id;
    Ok(event)
}
