//! Guest codes (R19–R24).

use api_types::{
    GuestCode, GuestCodeEdit, GuestCodePreview, GuestCodeRequest, IssuedGuestCode, NewShare, Page, ShareRequest, Shares,
};
use ids::{GuestCodeId, PropertyId, ShareId, TenancyId};
use serde::Serialize;

use super::{ApiError, ETag, IdempotencyKey, PendingKey, Tagged, client};
use crate::query::Query;

/// A selection of guest codes. Empty fields don't restrict it. Sent as an [`api_types::GuestCodeSearch`] if it has a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GuestCodesQuery {
    /// To a guest with these words in their name, which is sent in a body and never in an address.
    pub guest: String,
    /// Of this property.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<PropertyId>,
    /// Of this tenancy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident: Option<TenancyId>,
    /// Opening this door; for a search by name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub door: String,
    /// What the overview counts, and a door it opens: [`crate::query::COUNTED`]. For a list without a name.
    #[serde(skip)]
    pub counted: Query,
    /// A [`api_types::GuestCodeKind`] by its name on the wire.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// A [`api_types::GuestCodeState`] by its name on the wire.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// From the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// One page of the guest codes in the caller's scope (R33).
pub async fn list(query: &GuestCodesQuery, cursor: Option<String>) -> Result<Page<GuestCode>, ApiError> {
    if !query.guest.trim().is_empty() {
        return client::post("/guest-codes/search", &GuestCodesQuery { cursor, ..query.clone() }).await;
    }
    let property = query.property.map(|id| id.to_string());
    let resident = query.resident.map(|id| id.to_string());
    let counted = query.counted.clone();
    let query = counted
        .with_some("property", property.as_deref())
        .with_some("resident", resident.as_deref())
        .with("kind", &query.kind)
        .with("status", &query.status)
        .page(cursor.as_deref());
    client::get(&query.on("/guest-codes")).await
}

/// One guest code, without digits.
pub async fn get(id: GuestCodeId) -> Result<GuestCode, ApiError> {
    client::get(&path(id, "")).await
}

/// The next five windows of a code that would be issued like this; nothing is stored (R22).
pub async fn preview(request: &GuestCodeRequest) -> Result<GuestCodePreview, ApiError> {
    client::post("/guest-codes/preview", request).await
}

/// The next five windows of a code if it were changed like this; nothing is stored (R43).
pub async fn preview_change(id: GuestCodeId, edit: &GuestCodeEdit) -> Result<GuestCodePreview, ApiError> {
    client::post(&path(id, "/preview"), edit).await
}

/// Moves its windows, or changes its reference; its digits stay (R43).
pub async fn change(id: GuestCodeId, etag: &str, edit: &GuestCodeEdit) -> Result<GuestCode, ApiError> {
    let changed: Tagged<GuestCode> = client::patch(&path(id, ""), edit, Some(&ETag::of_item(etag))).await?;
    Ok(changed.value)
}

/// Issues a code. The digits are in the answer (R23); don't keep them anywhere but on the screen.
pub async fn issue(request: &GuestCodeRequest, key: &IdempotencyKey) -> Result<IssuedGuestCode, ApiError> {
    client::post_once("/guest-codes", Some(request), key).await
}

/// Revokes it. Until the locks confirm, it still opens the doors (R24).
pub async fn revoke(id: GuestCodeId, key: &IdempotencyKey) -> Result<GuestCode, ApiError> {
    client::post_once(&path(id, "/revoke"), None::<&()>, key).await
}

/// Revokes one of several, outside a form of its own: the key is kept while the outcome is unknown, as forms do.
pub async fn revoke_once(id: GuestCodeId) -> Result<(), ApiError> {
    let pending = PendingKey::of_form(&["guest_code.revoke.", &id.to_string()].concat());
    let result = revoke(id, &pending.take()).await;
    if !result.as_ref().is_err_and(ApiError::outcome_unknown) {
        pending.settle();
    }
    result.map(|_| ())
}

/// Creates a link that shows the guest the code, and sends it there by mail if there is an address. Its secret is in this answer
/// only.
pub async fn share(id: GuestCodeId, reason: Option<String>, email: Option<String>) -> Result<NewShare, ApiError> {
    client::post(&path(id, "/share"), &ShareRequest { reason, email }).await
}

/// The links that still work.
pub async fn shares(id: GuestCodeId) -> Result<Shares, ApiError> {
    client::get(&path(id, "/shares")).await
}

/// Revokes a link; the code itself stays live.
pub async fn revoke_share(id: GuestCodeId, link: ShareId) -> Result<(), ApiError> {
    client::delete(&path(id, &["/shares/", &link.to_string()].concat())).await
}

fn path(id: GuestCodeId, rest: &str) -> String {
    ["/guest-codes/", &id.to_string(), rest].concat()
}
