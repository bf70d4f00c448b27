//! What support sees when somebody's access isn't as they expect.

use api_types::{DamagedRecords, Diagnosis, FoundResidents, GuestCodeDiagnosis};
use ids::{GuestCodeId, TenancyId};

use super::{ApiError, client};
use crate::query::Query;

/// Residents of any property, by words in their name, unit or email address, and guest codes by their guests' names.
pub async fn find(words: &str) -> Result<FoundResidents, ApiError> {
    client::get(&Query::new().with("q", words.trim()).on("/troubleshoot/residents")).await
}

/// Records that can't be read, the oldest first.
pub async fn damaged() -> Result<DamagedRecords, ApiError> {
    client::get("/troubleshoot/damaged").await
}

/// Why a resident's access is as it is. Never digits (R30).
pub async fn diagnose(resident: TenancyId) -> Result<Diagnosis, ApiError> {
    client::get(&["/troubleshoot/residents/", &resident.to_string()].concat()).await
}

/// Why a guest code works or doesn't. Never digits (R30).
pub async fn diagnose_guest_code(id: GuestCodeId) -> Result<GuestCodeDiagnosis, ApiError> {
    client::get(&["/troubleshoot/guest-codes/", &id.to_string()].concat()).await
}
