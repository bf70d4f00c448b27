//! `DELETE /me/sessions`

use api_types::EndedSessions;
use axum::Json;

use crate::domain::session;
use crate::problem::Result;
use crate::requester::WebOrMobile;
use crate::routes::responses::OwnSessionsChange;

/// Signs one out everywhere else: every other session of the console and every token of the app ends.
#[utoipa::path(
    delete,
    path = "/me/sessions",
    operation_id = "me_sessions_end_others",
    tag = "me",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "How many there were; the session that asks goes on", body = EndedSessions),
        OwnSessionsChange,
    ),
)]
pub(super) async fn end_others(WebOrMobile(requester): WebOrMobile) -> Result<Json<EndedSessions>> {
    let current = *requester.session();
    let ended = requester.deed(move |deed| session::end_others(deed, &current)).await?;
    Ok(Json(EndedSessions { ended }))
}
