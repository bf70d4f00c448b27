//! One's own passkeys, and having no password beside them.

mod add;
mod edit;
mod list;
mod options;
mod remove;
mod remove_password;

use api_types::{FieldCode, MyPasskey};
use store::passkeys::PasskeyRecord;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{ClientAddress, Password, is_own_password};
use crate::problem::{Problem, Result};
use crate::requester::Requester;
use crate::view::time::instant;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(options::options))
        .routes(routes!(edit::edit))
        .routes(routes!(remove::remove))
        .routes(routes!(remove_password::remove_password))
}

/// Whether they confirmed by their password that it is they. Wrong ones count as failed attempts to sign in.
async fn by_password(requester: &Requester, client: ClientAddress, password: Option<String>) -> Result<bool> {
    let Some(password) = password else { return Ok(false) };
    let email = &requester.authority().email;
    if is_own_password(requester.app(), email, client, Password::new(password)).await? {
        Ok(true)
    } else {
        Err(Problem::invalid_field("password", FieldCode::WrongPassword, "This isn’t your password."))
    }
}

/// A passkey as its person sees it.
fn describe(passkey: PasskeyRecord) -> MyPasskey {
    MyPasskey {
        id: passkey.id,
        name: passkey.name,
        created_at: instant(passkey.created_at),
        last_used_at: passkey.last_used_at.map(instant),
    }
}
