//! `GET /codes/{id}/reveals`

use api_types::Reveals;
use axum::Json;
use ids::CodeId;

use crate::domain::reveal;
use crate::extract::Path;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::{NotFound, SignedIn};

/// Who has seen one's own code, newest first, at most 100 (R30).
#[utoipa::path(
    get,
    path = "/codes/{id}/reveals",
    operation_id = "codes_reveals",
    tag = "codes",
    security(("session" = []), ("token" = [])),
    params(("id" = Uuid, Path, description = "The code")),
    responses(
        (status = 200, description = "Newest first", body = Reveals),
        SignedIn,
        NotFound,
    ),
)]
pub(super) async fn reveals(WebOrMobile(requester): WebOrMobile, Path(id): Path<CodeId>) -> Result<Json<Reveals>> {
    let items = requester.read(move |lookup| Ok(reveal::reveals(lookup, id)?)).await?;
    Ok(Json(Reveals { items }))
}
