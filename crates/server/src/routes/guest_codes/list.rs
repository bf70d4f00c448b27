//! `GET /guest-codes`

use api_types::{GuestCode, GuestCodeKind, GuestCodeState, MaybeKnown, Page, PlacementReason, PlacementStatus};
use axum::Json;
use ids::{DoorId, HubId, PropertyId, TenancyId};
use serde::Deserialize;
use store::guest_codes::{self, Filter};
use store::placements::OnLock;
use utoipa::IntoParams;

use crate::extract::{Limit, Query};
use crate::problem::Result;
use crate::requester::{Requester, WebOrMobile};
use crate::routes::responses::{Office, Paged};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// The property; a manager who is a resident too sees their own guests without it.
    property: Option<PropertyId>,
    /// A door it opens.
    door: Option<DoorId>,
    /// Which kind.
    kind: Option<GuestCodeKind>,
    /// Where it is in its life.
    status: Option<GuestCodeState>,
    /// The worst of its statuses on the locks.
    worst: Option<PlacementStatus>,
    /// The status on a lock of one of its placements.
    on_lock: Option<PlacementStatus>,
    /// On a lock of this hub.
    hub: Option<HubId>,
    /// Why it isn't as it should be, as in the property's needs.
    #[param(value_type = Option<PlacementReason>)]
    reason: Option<MaybeKnown<PlacementReason>>,
    /// On a lock that answers, as does its hub; or that doesn't.
    reachable: Option<bool>,
    /// The resident who issued it.
    resident: Option<TenancyId>,
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// Guest codes, newest first: a resident's own, or those of the properties one manages. Never with digits (R30).
#[utoipa::path(
    get,
    path = "/guest-codes",
    operation_id = "guest_codes_list",
    tag = "guest codes",
    security(("session" = []), ("token" = [])),
    params(Options),
    responses(
        (status = 200, description = "A page", body = Page<GuestCode>),
        Paged,
        Office,
    ),
)]
pub(super) async fn list(
    WebOrMobile(requester): WebOrMobile,
    Query(options): Query<Options>,
) -> Result<Json<Page<GuestCode>>> {
    let filter = Filter {
        property: options.property,
        kind: options.kind,
        state: options.status,
        worst: options.worst,
        on_lock: OnLock {
            status: options.on_lock,
            door: options.door,
            hub: options.hub,
            reason: options.reason,
            reachable: options.reachable,
        },
        tenancy: options.resident,
        guest: String::new(),
    };
    page(requester, filter, options.cursor, options.limit).await
}

/// A page of what the caller may see.
pub(super) async fn page(
    requester: Requester,
    filter: Filter,
    cursor: Option<String>,
    limit: Limit,
) -> Result<Json<Page<GuestCode>>> {
    let authority = requester.authority();
    let managed = filter.property.is_some_and(|property| authority.manages.contains(&property));
    let scope = match authority.resident_scope() {
        Some(own) if !managed => own,
        _ => requester.require_manager()?,
    };
    let page = requester.read(move |lookup| {
        let (records, next_cursor) = guest_codes::list(lookup.db, scope, &filter, cursor.as_deref(), limit.0)?;
        Ok(Page { items: view::guest_code::describe(lookup, records)?, next_cursor })
    });
    page.await.map(Json)
}
