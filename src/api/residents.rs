//! Residents of a property.

use api_types::{AddressCorrection, InviteResidents, InvitedResidents, MoveOut, Page, Resident, ToInvite};
use ids::{PropertyId, TenancyId};

use super::{ApiError, IdempotencyKey, client, properties::path};
use crate::{early::ALL, query::Query};

/// A selection of residents, and its order. Empty fields don't restrict it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResidentsQuery {
    /// Words in the name or the unit.
    pub q: String,
    /// Exactly this unit.
    pub unit: String,
    /// `random` or `custom`.
    pub origin: String,
    /// A [`api_types::PlacementStatus`] by name.
    pub status: String,
    /// A column, with `-` before it for descending: `name`, `-changed_at`.
    pub sort: String,
    /// What the overview counts, and where the tenancy is in time: [`crate::query::COUNTED`].
    pub counted: Query,
}

/// One page of a property's residents. Never digits (R30).
pub async fn list(
    property: PropertyId,
    query: &ResidentsQuery,
    cursor: Option<String>,
) -> Result<Page<Resident>, ApiError> {
    client::get(&address(property, query, cursor.as_deref())).await
}

/// Requests the first page of a list that somebody is about to need, for [`list`] to use.
pub fn prefetch(property: PropertyId, query: &ResidentsQuery) {
    client::prefetch(&address(property, query, None));
}

fn address(property: PropertyId, query: &ResidentsQuery, cursor: Option<&str>) -> String {
    let counted = query.counted.clone();
    counted
        .with("q", query.q.trim())
        .with("unit", &query.unit)
        .with("origin", &query.origin)
        .with("status", &query.status)
        .with("sort", &query.sort)
        .page(cursor)
        .on(&path(property, "/residents"))
}

/// All of a property's residents who can't sign in yet, by unit.
pub async fn all_to_invite(property: PropertyId) -> Result<Vec<ToInvite>, ApiError> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let query = Query::new().with("limit", ALL).with_some("cursor", cursor.as_deref());
        let page: Page<ToInvite> = client::get(&query.on(&path(property, "/invitations"))).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// Invites several residents, at most 100; asked again, it makes other links.
pub async fn invite_several(property: PropertyId, residents: Vec<TenancyId>) -> Result<InvitedResidents, ApiError> {
    client::post(&path(property, "/invitations"), &InviteResidents { residents }).await
}

/// One of a property's residents, including those who have moved out.
pub async fn get(property: PropertyId, resident: TenancyId) -> Result<Resident, ApiError> {
    client::get(&of(property, resident, "")).await
}

/// Ends a tenancy and revokes all its codes. Sent again with the same key, it answers with the progress at the doors.
pub async fn move_out(property: PropertyId, resident: TenancyId, key: &IdempotencyKey) -> Result<MoveOut, ApiError> {
    client::post_once(&of(property, resident, "/move-out"), None::<&()>, key).await
}

/// Which doors have confirmed the removal of a resident who has moved out (R24).
pub async fn move_out_progress(property: PropertyId, resident: TenancyId) -> Result<MoveOut, ApiError> {
    client::get(&of(property, resident, "/move-out")).await
}

/// Corrects the address of a resident who can't sign in yet (R38).
pub async fn correct_address(property: PropertyId, resident: TenancyId, email: String) -> Result<Resident, ApiError> {
    client::post(&of(property, resident, "/address"), &AddressCorrection { email }).await
}

fn of(property: PropertyId, resident: TenancyId, rest: &str) -> String {
    path(property, &["/residents/", &resident.to_string(), rest].concat())
}
