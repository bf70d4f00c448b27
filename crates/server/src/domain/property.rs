//! A property's switch for custom codes (R3).

use api_types::{Action, ProblemCode, PropertyEdit, Role, Said, Subject, SubjectKind};
use ids::PropertyId;
use store::properties;

use super::deed::Deed;
use super::{Done, Refusal};

/// Switches custom codes on or off for a property that the person manages, provided they have read its current version.
///
/// Existing codes stay as they are (R12). Switching to the current setting is done and recorded again.
///
/// # Errors
/// `not_found` for a property they don't manage (R33); `stale` when it was edited since.
pub fn edit(deed: &Deed<'_>, id: PropertyId, has_read: impl Fn(i64) -> bool, edit: &PropertyEdit) -> Done<()> {
    let property = properties::get(deed.tx, deed.manager_scope()?, id)?.ok_or_else(Refusal::not_found)?;
    let action = if edit.custom_codes_enabled {
        Action::PropertyCustomCodesEnabled
    } else {
        Action::PropertyCustomCodesDisabled
    };
    let subject = Subject { kind: SubjectKind::Property.into(), id: Some(id.uuid()), name: property.name };
    let mut event = deed.acting_as(Role::Manager).event(action, subject);
    event.property_id = Some(id);
    if !has_read(property.version) {
        let refusal = Refusal::new(ProblemCode::Stale, "Someone changed this property since you opened it.");
        return Err(refusal.record(deed.tx, deed.now, event)?);
    }
    properties::set_custom_codes(deed.tx, id, edit.custom_codes_enabled, deed.person_id(), deed.now)?;
    match property.custom_codes_enabled {
        true => event.say(Said::WasOn, [], "Was on."),
        false => event.say(Said::WasOff, [], "Was off."),
    }
    deed.tx.record(deed.now, event)?;
    Ok(())
}
