//! Lists in pages.

use serde::{Deserialize, Serialize};

/// One page of a list, newest or first in sort order first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// At most `limit` items.
    pub items: Vec<T>,
    /// Pass it as `cursor` for the next page; absent on the last one. Opaque.
    pub next_cursor: Option<String>,
}
