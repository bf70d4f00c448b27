//! Signing in on the web.

use ids::{PersonId, SessionId};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{Channel, Instant};

named! {
    /// What a person may be. One person may be several.
    pub enum Role {
        /// Of named properties.
        Manager = "manager",
        /// Of a unit, by a current tenancy.
        Resident = "resident",
        /// All properties, read-only.
        Support = "support",
        /// Sets up properties, their layout and the staff (R34).
        Administrator = "administrator",
    }
}

/// `POST /session`. No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The person's email address; letter case doesn't matter.
    pub email: String,
    /// The password.
    pub password: String,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The person's id.
    pub id: PersonId,
    /// As shown to others.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Never empty.
    pub roles: Vec<Role>,
}

/// `GET /session`, and the answer to signing in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Who is signed in.
    pub user: User,
    /// When the session ends if nothing is done with it; using it moves this on, up to the absolute limit.
    pub expires_at: Instant,
    /// The server is a demonstration with made-up data.
    pub demo: bool,
}

/// One place where a person is signed in: never the session's secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MySession {
    /// The id by which to end it.
    pub id: SessionId,
    /// It is the session that asks.
    pub current: bool,
    /// The console, or the app with its platform and version.
    pub channel: Channel,
    /// The console's browser, as in `Chrome on Windows`; absent where it isn't known, and for the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used, to within a few minutes.
    pub last_seen_at: Instant,
    /// When it ends if nothing more is done with it.
    pub expires_at: Instant,
}

/// `GET /me/sessions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MySessions {
    /// Newest first; at most 200.
    pub items: Vec<MySession>,
}

/// `DELETE /me/sessions`: signed out everywhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedSessions {
    /// How many sessions and tokens that ended.
    pub ended: u32,
}
