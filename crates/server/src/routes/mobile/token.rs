//! `POST /mobile/token`

use api_types::{Channel, FieldCode, Instant, Platform, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::sessions::App as ResidentApp;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{ClientAddress, Marks, Password, SignIn, Via, sign_in};
use crate::extract::{FieldErrors, Json};
use crate::problem::Result;
use crate::routes::responses::SigningIn;
use crate::view::time::instant;

/// The longest version accepted, in characters.
const APP_VERSION_MAX: usize = 32;

/// What the app signs in with. No `Debug`: it holds a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    /// The resident's email address; letter case doesn't matter.
    email: String,
    /// The password.
    password: String,
    /// What the app runs on.
    platform: Platform,
    /// The app's version, at most 32 characters. A missing or malformed one counts as too old for custom codes.
    #[serde(default)]
    app_version: Option<String>,
}

/// A token, this once. No `Debug`: nothing may print it.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// Goes into `Authorization: Bearer …`.
    token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// When it ends, whatever is done with it.
    expires_at: Instant,
    /// Bound to the token for good: nothing in a later request changes it.
    channel: Channel,
}

/// Signs a resident in through the app.
///
/// The token is bound to the platform and version declared here, on which the rules for custom codes depend (R4). They
/// are taken at their word: a resident could misstate their own version with a client of their own making, and the
/// worst that gives them is a code for their own door that keeps every other rule.
#[utoipa::path(
    post,
    path = "/mobile/token",
    operation_id = "mobile_token_create",
    tag = "mobile",
    request_body = TokenRequest,
    responses(
        (status = 200, description = "Signed in", body = Token),
        SigningIn,
        (status = 403, description = "`not_a_resident`", body = WireProblem),
    ),
)]
pub(super) async fn create(
    State(app): State<App>,
    address: ClientAddress,
    Json(request): Json<TokenRequest>,
) -> Result<JsonAnswer<Token>> {
    let TokenRequest { email, password, platform, app_version } = request;
    let password = Password::new(password);
    let mut errors = FieldErrors::default();
    let fits = app_version.as_ref().is_none_or(|version| version.chars().count() <= APP_VERSION_MAX);
    errors.require(fits, "app_version", FieldCode::TooLong, "Use at most 32 characters.");
    errors.check()?;

    let via = Via::Mobile(ResidentApp { platform: Some(platform.into()), version: app_version });
    let channel = via.channel();
    let signed_in =
        sign_in(&app, SignIn { email, password, address, via, browser: None, replaces: None, marks: Marks::default() })
            .await?;
    Ok(JsonAnswer(Token {
        token: signed_in.secret.expose().to_owned(),
        token_type: "Bearer",
        expires_at: instant(signed_in.expires_at),
        channel,
    }))
}
