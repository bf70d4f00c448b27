//! Revealing codes (R30).

use api_types::{RevealRequest, RevealedCode, Reveals};
use ids::CodeId;

use super::{ApiError, client};

/// The digits, for a short while; audited. A manager must give a reason, which the resident sees.
pub async fn reveal(id: CodeId, reason: Option<String>) -> Result<RevealedCode, ApiError> {
    client::post(&path(id, "/reveal"), &RevealRequest { reason }).await
}

/// Who revealed it, when and why, newest first; for its owner.
pub async fn reveals(id: CodeId) -> Result<Reveals, ApiError> {
    client::get(&path(id, "/reveals")).await
}

fn path(id: CodeId, rest: &str) -> String {
    ["/codes/", &id.to_string(), rest].concat()
}
