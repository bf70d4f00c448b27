//! `POST /me/passkeys`

use api_types::{MyPasskey, NewPasskey, Problem as WireProblem};
use axum::http::{HeaderMap, StatusCode};

use super::describe;
use crate::domain::deed::Deed;
use crate::domain::passkey;
use crate::extract::JsonBytes;
use crate::idempotency::{Answer, Once};
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::{KeyedJson, OwnChange};

/// Adds a passkey, which answers what `POST /me/passkeys/options` asked in this session. The person is told by mail.
#[utoipa::path(
    post,
    path = "/me/passkeys",
    operation_id = "me_passkeys_add",
    tag = "me",
    security(("session" = [])),
    params(("Idempotency-Key" = String, Header, description = "Made before the first try")),
    request_body = NewPasskey,
    responses(
        (status = 201, description = "Added", body = MyPasskey),
        KeyedJson,
        OwnChange,
        (status = 409, description = "`passkey_too_late`", body = WireProblem),
    ),
)]
pub(super) async fn add(Web(requester): Web, headers: HeaderMap, once: Once<JsonBytes>) -> Result<Answer> {
    let NewPasskey { name, credential } = once.body.parse()?;
    let name = passkey::name(&name)?;
    let post = requester.app().post(&headers);
    // Refused only where it wasn't added under this key before: what was asked can be answered by one passkey.
    let checked = requester.app().passkeys().new_one(requester.session(), credential).await?;
    let first = move |deed: &Deed<'_>| {
        let new = checked.map_err(passkey::unanswered)?;
        let added = passkey::add(deed, &name, &new.credential_id, &new.credential, post)?;
        Answer::new(StatusCode::CREATED, &describe(added))
    };
    once.run(&requester, first, |_, _| Ok(())).await
}
