//! Hubs, the locks that they have, and the locks of doors (R35).

use api_types::{
    ConfirmGone, DoorDetails, FoundLocks, HubEdit, HubTest, LinkLock, ManagedHub, ManagedHubs, NewHub, SentAgain,
};
use ids::{DoorId, HubId, LockId, PropertyId};

use super::{ApiError, ETag, IdempotencyKey, Tagged, client, properties::path};

/// The hubs of a property, by name.
pub async fn list(property: PropertyId) -> Result<Vec<ManagedHub>, ApiError> {
    let hubs: ManagedHubs = client::get(&path(property, "/hubs")).await?;
    Ok(hubs.items)
}

/// Adds a hub.
pub async fn add(property: PropertyId, new: &NewHub, key: &IdempotencyKey) -> Result<ManagedHub, ApiError> {
    client::post_once(&path(property, "/hubs"), Some(new), key).await.map_err(ApiError::of_hub)
}

/// Changes a hub as it was read.
pub async fn edit(hub: HubId, etag: &str, edit: &HubEdit) -> Result<ManagedHub, ApiError> {
    let edited: Tagged<ManagedHub> =
        client::patch(&address(hub, ""), edit, Some(&ETag::of_item(etag))).await.map_err(ApiError::of_hub)?;
    Ok(edited.value)
}

/// Removes a hub that no lock is linked to.
pub async fn remove(hub: HubId) -> Result<(), ApiError> {
    client::delete(&address(hub, "")).await.map_err(ApiError::of_hub)
}

/// Asks a hub whether it answers.
pub async fn test(hub: HubId) -> Result<HubTest, ApiError> {
    client::post_nothing(&address(hub, "/test")).await
}

/// The locks that a hub has now.
pub async fn locks(hub: HubId) -> Result<FoundLocks, ApiError> {
    client::get(&address(hub, "/locks")).await.map_err(ApiError::of_hub)
}

/// A door with its locks.
pub async fn door(door: DoorId) -> Result<DoorDetails, ApiError> {
    client::get(&of_door(door, "")).await
}

/// Links a lock to a door as it was read, or exchanges the one that it has.
pub async fn link(door: DoorId, etag: &str, lock: &LinkLock) -> Result<DoorDetails, ApiError> {
    client::put_for(&of_door(door, "/lock"), lock, &ETag::of_item(etag)).await.map_err(ApiError::of_hub)
}

/// Lets go of the lock of a door as it was read.
pub async fn unlink(door: DoorId, etag: &str) -> Result<DoorDetails, ApiError> {
    client::delete_matching(&of_door(door, "/lock"), &ETag::of_item(etag)).await.map_err(ApiError::of_hub)
}

/// Confirms that a former lock of a door opens nothing any more.
pub async fn confirm_gone(door: DoorId, lock: LockId, reason: String) -> Result<DoorDetails, ApiError> {
    let path = of_door(door, &["/former-locks/", &lock.to_string(), "/confirm-gone"].concat());
    client::post(&path, &ConfirmGone { reason }).await.map_err(ApiError::of_hub)
}

/// Tries again whatever isn't right on a door's locks.
pub async fn send_again(door: DoorId) -> Result<SentAgain, ApiError> {
    client::post_nothing(&of_door(door, "/send-again")).await.map_err(ApiError::of_hub)
}

fn address(hub: HubId, rest: &str) -> String {
    ["/hubs/", &hub.to_string(), rest].concat()
}

fn of_door(door: DoorId, rest: &str) -> String {
    ["/doors/", &door.to_string(), rest].concat()
}
