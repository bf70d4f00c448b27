//! `POST /me/passkeys/options`

use api_types::{Confirmation, PasskeyOptions, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::http::{HeaderMap, Uri};
use store::{passkeys, people};

use super::by_password;
use crate::auth::{ClientAddress, reached_as};
use crate::domain::passkey;
use crate::extract::Json;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::OwnConfirmed;

/// What to ask an authenticator for a new passkey.
///
/// It can be answered once, within five minutes, in the session that asked. Nothing is stored or recorded. Who signed in more
/// than ten minutes ago gives their password.
#[utoipa::path(
    post,
    path = "/me/passkeys/options",
    operation_id = "me_passkeys_options",
    tag = "me",
    security(("session" = [])),
    request_body = Confirmation,
    responses(
        (status = 200, description = "What to ask", body = PasskeyOptions),
        OwnConfirmed,
        (status = 409, description = "`passkeys_unavailable` at this address", body = WireProblem),
    ),
)]
pub(super) async fn options(
    Web(requester): Web,
    client: ClientAddress,
    headers: HeaderMap,
    uri: Uri,
    Json(Confirmation { password }): Json<Confirmation>,
) -> Result<JsonAnswer<PasskeyOptions>> {
    let by_password = by_password(&requester, client, password).await?;
    let session = *requester.session();
    let found = requester.read(move |lookup| {
        let person = people::by_id(lookup.db, lookup.authority.person_id)?.ok_or_else(Problem::not_found)?;
        passkey::require_confirmed(lookup.db, &session, &person, by_password, lookup.now)?;
        passkey::require_room(lookup.db, &person)?;
        let existing = passkeys::list(lookup.db, person.id)?;
        Ok((person, existing))
    });
    let (person, existing) = found.await?;
    let whose = (person.id, &*person.email, &*person.name);
    let passkeys = requester.app().passkeys();
    passkeys.ask_for_new(reached_as(&headers, &uri).as_deref(), session, client.0, whose, &existing).map(JsonAnswer)
}
