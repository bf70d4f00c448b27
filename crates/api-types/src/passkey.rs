//! Passkeys, by which people sign in without a password.
//!
//! What a browser's authenticator is asked and answers is JSON as Web Authentication Level 3 defines it:
//! `PublicKeyCredentialCreationOptionsJSON`, `PublicKeyCredentialRequestOptionsJSON`, and what
//! `PublicKeyCredential.toJSON()` returns. Browsers read and write it themselves, so it is passed on as it is, and the types that
//! hold it are the server's alone.

use ids::PasskeyId;
use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use serde_json::Value;

use crate::Instant;

/// What an authenticator is asked: the answer to `POST /session/passkey/options` and `POST /me/passkeys/options`.
#[cfg(feature = "openapi")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PasskeyOptions {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON`.
    #[schema(value_type = Object)]
    pub public_key: Value,
}

/// `POST /session/passkey`.
#[cfg(feature = "openapi")]
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignIn {
    /// What `toJSON()` of the browser's credential returned.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// `POST /me/passkeys`.
#[cfg(feature = "openapi")]
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// What to call it: at most 60 characters.
    pub name: String,
    /// What `toJSON()` of the browser's credential returned.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// `POST /invitations/passkey` and `POST /password/passkey`. No `Debug`: it holds a secret.
#[cfg(feature = "openapi")]
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkPasskey {
    /// What follows the `#` of the link.
    pub token: String,
    /// What to call it: at most 60 characters.
    pub name: String,
    /// What `toJSON()` of the browser's credential returned.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// That it is really the person: `POST /me/passkeys/options`, `POST /me/passkeys/{id}/remove`, `POST /me/password/remove`. No
/// `Debug`: it may hold a password.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The password that one signs in with; not needed by who signed in within the last ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `PATCH /me/passkeys/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasskeyEdit {
    /// What to call it: at most 60 characters.
    pub name: String,
}

/// A passkey of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyPasskey {
    /// The passkey's id.
    pub id: PasskeyId,
    /// What one calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Instant,
    /// When one last signed in with it; absent if one never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Instant>,
}

/// `GET /me/passkeys`: how one signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyPasskeys {
    /// The oldest first; at most 20.
    pub items: Vec<MyPasskey>,
    /// Whether passkeys work at the address by which the server was reached.
    pub possible: bool,
    /// Whether one has a password.
    pub has_password: bool,
    /// Whether one has to confirm that it is oneself before anything is added or removed: with the password, or without one
    /// by signing in again.
    pub must_confirm: bool,
}
