//! `POST /codes/{id}/send-again`

use api_types::SentAgain;
use axum::Json;
use ids::CodeId;

use crate::domain::door_lock;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Tries again now wherever a code isn’t on its locks as it should be (R28). For the managers of its property.
#[utoipa::path(
    post,
    path = "/codes/{id}/send-again",
    operation_id = "codes_send_again",
    tag = "codes",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The code")),
    responses(
        (status = 200, description = "It is tried now", body = SentAgain),
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn send_again(Web(requester): Web, Path(id): Path<CodeId>) -> Result<Json<SentAgain>> {
    requester.require_manager()?;
    let (codes, hubs) = requester.deed(move |deed| door_lock::send_code_again(deed, id)).await?;
    requester.app().hubs().try_again(&hubs);
    Ok(Json(SentAgain { codes }))
}
