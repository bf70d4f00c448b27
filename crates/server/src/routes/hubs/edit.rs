//! `PATCH /hubs/{id}`

use api_types::{HubEdit, ManagedHub, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::response::IntoResponse;
use ids::HubId;

use crate::domain::hub;
use crate::extract::{IfMatch, Json, Path, etag_header};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};
use crate::view;

/// Changes a hub’s name, address or token. For administrators and the property's managers.
///
/// With another address, the connection is made anew, and a token has to be given anew or it is forgotten.
#[utoipa::path(
    patch,
    path = "/hubs/{id}",
    operation_id = "hubs_edit",
    tag = "hubs",
    security(("session" = [])),
    params(
        ("id" = Uuid, Path, description = "The hub"),
        ("If-Match" = String, Header, description = "The `etag` of what was read"),
    ),
    request_body = HubEdit,
    responses(
        (status = 200, description = "As it is now, with its `ETag`", body = ManagedHub),
        OfficeChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 412, description = "`stale`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
        (status = 428, description = "`if_match_required`", body = WireProblem),
    ),
)]
pub(super) async fn edit(
    Web(requester): Web,
    Path(id): Path<HubId>,
    if_match: IfMatch,
    Json(edit): Json<HubEdit>,
) -> Result<impl IntoResponse> {
    requester.require_setting_up()?;
    let edited = requester.deed(move |deed| hub::edit(deed, id, |version| if_match.check(version).is_ok(), &edit));
    let record = edited.await?;
    Ok((etag_header(record.version), JsonAnswer(view::hub::describe_managed(record))))
}
