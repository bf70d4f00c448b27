//! A property's switch for custom codes (R3).

use api_types::{PropertyEdit, Subject};
use store::{Millis, Scope, Tx, properties};
use uuid::Uuid;

use super::{By, Done, Refusal};

/// A version that no property has: of an edit whose `If-Match` named another than the current one.
pub const STALE: i64 = -1;

/// Switches custom codes on or off for a property that the person manages, if it is still at `version`.
///
/// Existing codes stay as they are (R12). Switching to what it is already is done again and recorded again.
///
/// # Errors
/// `not_found` for a property they don't manage (R33); `stale` when it was edited since.
pub async fn edit(
    tx: &mut Tx,
    by: &By,
    manager: Uuid,
    id: Uuid,
    version: Option<i64>,
    edit: &PropertyEdit,
    now: Millis,
) -> Done<()> {
    let property = properties::get(tx, Scope::ManagedBy(manager), id).await?.ok_or_else(Refusal::not_found)?;
    let action =
        if edit.custom_codes_enabled { "property.custom_codes.enabled" } else { "property.custom_codes.disabled" };
    let mut event = by.event(action, Subject { kind: "property".into(), id: Some(id), name: property.name });
    event.property_id = Some(id);
    let version = version.unwrap_or(property.version);
    if !properties::set_custom_codes(tx, id, version, edit.custom_codes_enabled, manager, now).await? {
        let refusal = Refusal::new("stale", "Somebody changed this property since you read it. Look at it again.");
        return Err(refusal.record(tx, now, event).await?);
    }
    event.detail = if property.custom_codes_enabled { "Was on." } else { "Was off." }.into();
    tx.record(now, event).await?;
    Ok(())
}
