//! What the imports of spreadsheets have in common: a dry run that only reads, and a deed that is done once.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use ids::PropertyId;
use serde::Serialize;
use store::{Scope, properties};

use crate::domain::deed::Deed;
use crate::domain::lookup::Lookup;
use crate::domain::{Done, Refusal};
use crate::extract::Csv;
use crate::idempotency::{Answer, KeyedRequest, Once};
use crate::problem::{Problem, Result};
use crate::requester::Requester;

/// The largest spreadsheet, in bytes: twice what 5,000 rows of typical length take.
pub(super) const LIMIT: usize = 1024 * 1024;

/// An `Idempotency-Key` that a dry run may leave out.
pub(super) struct MaybeAsked(pub(super) Option<KeyedRequest>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeAsked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Ok(Self(KeyedRequest::from_request_parts(parts, state).await.ok()))
    }
}

/// A dry run: what importing would do. It only reads: nothing was to be done, so nothing is recorded.
///
/// # Errors
/// What `plan` refuses.
pub(super) async fn plan<R: Serialize + Send + 'static>(
    requester: &Requester,
    csv: Csv,
    plan: impl FnOnce(&Lookup<'_>, &[u8]) -> Done<R> + Send + 'static,
) -> Result<Response> {
    let report = requester.read(move |lookup| Ok(plan(lookup, &csv.0)?));
    Ok(axum::Json(report.await?).into_response())
}

/// An import. Sent again, it is answered as before, to somebody whose `scope` still has the property.
///
/// # Errors
/// What `import` refuses; 400 without a key.
pub(super) async fn import<R: Serialize>(
    requester: &Requester,
    MaybeAsked(asked): MaybeAsked,
    csv: Csv,
    property: PropertyId,
    scope: fn(&Deed<'_>) -> Done<Scope>,
    import: impl FnOnce(&Deed<'_>, &[u8]) -> Done<R> + Send + 'static,
) -> Result<Response> {
    let asked = asked.ok_or_else(Problem::idempotency_key_required)?;
    let rows = csv.0.clone();
    let first = move |deed: &Deed<'_>| Answer::new(StatusCode::OK, &import(deed, &rows)?);
    // They may have lost the property since.
    let again = move |deed: &Deed<'_>, _: &mut Answer| {
        properties::get(deed.tx, scope(deed)?, property)?.ok_or_else(Refusal::not_found)?;
        Ok(())
    };
    Ok(Once::new(asked, csv).run(requester, first, again).await?.into_response())
}
