//! `POST /codes/{id}/reveal`

use api_types::{Problem as WireProblem, RevealRequest, RevealedCode};
use axum::Json as JsonAnswer;
use ids::CodeId;

use crate::domain::reveal;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{Change, NotFound};

/// Shows a code's digits to its owner, its issuer, or with a reason to a manager (R23, R30). It goes on record first.
#[utoipa::path(
    post,
    path = "/codes/{id}/reveal",
    operation_id = "codes_reveal",
    tag = "codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The code")),
    request_body = RevealRequest,
    responses(
        (status = 200, description = "The digits, to be hidden again after `hide_after_s`", body = RevealedCode),
        Change,
        NotFound,
        (status = 409, description = "`code_ended`", body = WireProblem),
        (status = 422, description = "`reason_required`, `invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn reveal(
    WebOrMobile(requester): WebOrMobile,
    Path(id): Path<CodeId>,
    Json(request): Json<RevealRequest>,
) -> Result<JsonAnswer<RevealedCode>> {
    let code = requester.deed(move |deed| reveal::reveal(deed, id, request.reason.as_deref())).await?;
    Ok(JsonAnswer(RevealedCode { code: code.expose().to_owned(), hide_after_s: reveal::HIDE_AFTER_S }))
}
