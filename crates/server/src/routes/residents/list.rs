//! `GET /properties/{id}/residents`

use api_types::{CodeOrigin, MaybeKnown, Page, PlacementReason, PlacementStatus, Resident, ResidentApp, TenancyStage};
use axum::Json;
use ids::{DoorId, HubId, PropertyId};
use serde::Deserialize;
use store::placements::OnLock;
use store::properties;
use store::tenancies::{self, Filter, Sort, Stage};
use utoipa::IntoParams;

use crate::extract::{Limit, Path, Query, Words};
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office, Paged};
use crate::view;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// Part of the name, the unit or the address.
    #[param(value_type = Option<String>, max_length = 400)]
    q: Option<Words>,
    /// The unit's name.
    unit: Option<String>,
    /// How the code came to be.
    origin: Option<CodeOrigin>,
    /// The code's status on the lock.
    status: Option<PlacementStatus>,
    /// Where the tenancy is in time; without it, those that haven't ended.
    tenancy: Option<TenancyStage>,
    /// The app that they were last seen with.
    app: Option<ResidentApp>,
    /// The status on a lock of one of their own codes, past ones included.
    on_lock: Option<PlacementStatus>,
    /// On a lock of this hub.
    hub: Option<HubId>,
    /// On the lock of this door.
    door: Option<DoorId>,
    /// Why it isn't as it should be, as in the property's needs.
    #[param(value_type = Option<PlacementReason>)]
    reason: Option<MaybeKnown<PlacementReason>>,
    /// On a lock that answers, as does its hub; or that doesn't.
    reachable: Option<bool>,
    /// `name`, `unit` or `changed`; with a `-` before it the other way round.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    sort: SortBy,
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

#[derive(Clone, Copy, Default, Deserialize)]
enum SortBy {
    #[default]
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "unit")]
    Unit,
    #[serde(rename = "-unit")]
    UnitDown,
    #[serde(rename = "changed")]
    Changed,
    #[serde(rename = "-changed")]
    ChangedDown,
}

impl SortBy {
    fn parts(self) -> (Sort, bool) {
        match self {
            Self::Name => (Sort::Name, false),
            Self::NameDown => (Sort::Name, true),
            Self::Unit => (Sort::Unit, false),
            Self::UnitDown => (Sort::Unit, true),
            Self::Changed => (Sort::Changed, false),
            Self::ChangedDown => (Sort::Changed, true),
        }
    }
}

/// A property's residents with their codes, without digits (R30).
#[utoipa::path(
    get,
    path = "/properties/{id}/residents",
    operation_id = "residents_list",
    tag = "residents",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property"), Options),
    responses(
        (status = 200, description = "A page", body = Page<Resident>),
        Paged,
        Office,
        NotFound,
    ),
)]
pub(super) async fn list(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<Options>,
) -> Result<Json<Page<Resident>>> {
    let scope = requester.require_manager()?;
    let (sort, descending) = options.sort.parts();
    let filter = Filter {
        text: Words::given(options.q),
        unit: options.unit,
        origin: options.origin,
        status: options.status,
        on_lock: OnLock {
            status: options.on_lock,
            door: options.door,
            hub: options.hub,
            reason: options.reason,
            reachable: options.reachable,
        },
        stage: Stage::NotEnded,
        app_versions: None,
        sort,
        descending,
    };
    let page = requester.read(move |lookup| {
        let stage = match options.tenancy {
            None => Stage::NotEnded,
            Some(TenancyStage::Current) => Stage::Current(lookup.now),
            Some(TenancyStage::Upcoming) => Stage::Upcoming(lookup.now),
            Some(TenancyStage::Former) => Stage::Ended,
        };
        let app_versions = match options.app {
            None => None,
            Some(app) => {
                let mut versions = tenancies::app_versions(lookup.db, id)?;
                versions.retain(|version| view::property::app_of(version.as_deref()) == app);
                Some(versions)
            }
        };
        let filter = Filter { stage, app_versions, ..filter };
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let (page, next_cursor) =
            tenancies::list(lookup.db, scope, id, &filter, options.cursor.as_deref(), options.limit.0)?;
        Ok(Page { items: view::resident::describe(lookup.db, page, false)?, next_cursor })
    });
    page.await.map(Json)
}
