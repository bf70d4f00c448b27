//! `PATCH /me/passkeys/{id}`

use api_types::{MyPasskey, PasskeyEdit, Problem as WireProblem};
use axum::Json as JsonAnswer;
use ids::PasskeyId;

use super::describe;
use crate::domain::passkey;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{NotFound, OwnChange};

/// Gives a passkey of one's own another name.
#[utoipa::path(
    patch,
    path = "/me/passkeys/{id}",
    operation_id = "me_passkeys_edit",
    tag = "me",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "One of one's own passkeys")),
    request_body = PasskeyEdit,
    responses(
        (status = 200, description = "As it is now", body = MyPasskey),
        OwnChange,
        NotFound,
        (status = 400, description = "`malformed_json`", body = WireProblem),
        (status = 422, description = "`invalid`, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn edit(
    Web(requester): Web,
    Path(id): Path<PasskeyId>,
    Json(PasskeyEdit { name }): Json<PasskeyEdit>,
) -> Result<JsonAnswer<MyPasskey>> {
    let name = passkey::name(&name)?;
    let renamed = requester.deed(move |deed| passkey::rename(deed, id, &name)).await?;
    Ok(JsonAnswer(describe(renamed)))
}
