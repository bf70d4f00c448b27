//! The events of a guest code.

use api_types::Action;
use ids::GuestCodeId;
use store::audit::NewEvent;
use store::{Db, codes};

use crate::domain::{By, code_event};

/// An event about an existing guest code.
pub(in crate::domain) fn subject_event(db: &Db, by: &By, action: Action, id: GuestCodeId) -> store::Result<NewEvent> {
    let holder = codes::holder(db, id.code())?;
    let holder = holder.ok_or_else(|| store::Error::Unreadable("a guest code without its code".into()))?;
    Ok(code_event(by, action, &holder))
}
