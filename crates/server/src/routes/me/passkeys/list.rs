//! `GET /me/passkeys`

use api_types::MyPasskeys;
use axum::Json;
use axum::http::{HeaderMap, Uri};
use store::{passkeys, people};

use super::describe;
use crate::auth::reached_as;
use crate::domain::passkey;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::Own;

/// How one signs in: one's passkeys, the oldest first, and whether one has a password.
#[utoipa::path(
    get,
    path = "/me/passkeys",
    operation_id = "me_passkeys_list",
    tag = "me",
    security(("session" = [])),
    responses(
        (status = 200, description = "The oldest first", body = MyPasskeys),
        Own,
    ),
)]
pub(super) async fn list(Web(requester): Web, headers: HeaderMap, uri: Uri) -> Result<Json<MyPasskeys>> {
    let (session, possible) =
        (*requester.session(), requester.app().passkeys().work_for(reached_as(&headers, &uri).as_deref()));
    let found = requester.read(move |lookup| {
        let id = lookup.authority.person_id;
        let person = people::by_id(lookup.db, id)?.ok_or_else(Problem::not_found)?;
        let must_confirm = passkey::must_confirm(lookup.db, &session, lookup.now)?;
        Ok((passkeys::list(lookup.db, id)?, person.has_password(), must_confirm))
    });
    let (items, has_password, must_confirm) = found.await?;
    let items = items.into_iter().map(describe).collect();
    Ok(Json(MyPasskeys { items, possible, has_password, must_confirm }))
}
