//! Points in time as they travel.

use serde::{Deserialize, Serialize};

/// A point in time: RFC 3339 text in UTC, as in `2026-11-03T16:12:00Z`.
///
/// The server makes it from its own clock type; the console hands it to the browser's
/// `Intl`, which knows every time zone, so that no time-zone data is compiled to wasm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(format = DateTime))]
#[serde(transparent)]
pub struct Instant(pub String);

impl Instant {
    /// The RFC 3339 text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
