//! `POST /hubs/{id}/test`

use api_types::{HubTest, HubTestResult};
use axum::Json;
use hub::LockError;
use ids::HubId;
use store::hubs;

use super::ask;
use crate::domain::hub as domain;
use crate::extract::Path;
use crate::problem::{Problem, Result};
use crate::requester::Web;
use crate::routes::responses::{NotFound, OfficeChange};

/// Asks a hub now whether it answers, and says what to do if it doesn't. It takes ten seconds at most, and goes on record.
/// For administrators and the property's managers.
#[utoipa::path(
    post,
    path = "/hubs/{id}/test",
    operation_id = "hubs_test",
    tag = "hubs",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The hub")),
    responses(
        (status = 200, description = "What came of it, good or bad", body = HubTest),
        OfficeChange,
        NotFound,
    ),
)]
pub(super) async fn test(Web(requester): Web, Path(id): Path<HubId>) -> Result<Json<HubTest>> {
    let scope = requester.require_setting_up()?;
    let hub = requester.read(move |lookup| hubs::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)).await?;
    let answer = ask::greet(requester.app(), &hub).await;
    let (result, greeting) = match &answer {
        Ok((info, _)) => (HubTestResult::Answered, Some(Ok(info.version.clone()))),
        Err(LockError::HubOffline | LockError::LockOffline) => (HubTestResult::Offline, None),
        Err(LockError::TimedOut) => (HubTestResult::TimedOut, None),
        Err(LockError::NotSupported) => (HubTestResult::NotSupported, None),
        Err(error) => (HubTestResult::Rejected, Some(Err(error.protocol_error()))),
    };
    let told = greeting.clone();
    let recorded = requester.deed(move |deed| {
        let told = told.as_ref().map(|told| told.as_deref().map_err(String::as_str));
        domain::tested(deed, id, result, told)
    });
    recorded.await?;
    Ok(Json(describe(result, greeting, answer.ok().map(|(_, locks)| locks))))
}

fn describe(result: HubTestResult, greeting: Option<Result<String, String>>, locks: Option<usize>) -> HubTest {
    let (detail, next_step) = match result {
        HubTestResult::Answered => ("The hub answered.", None),
        HubTestResult::Offline => (
            "The hub can’t be reached.",
            Some("Check that it has power and network, that its server runs, and that the address is right."),
        ),
        HubTestResult::TimedOut => {
            ("The hub didn’t answer in time.", Some("Try again in a minute. If that doesn’t help, restart its server."))
        }
        HubTestResult::Rejected => (
            "The hub is there, but won’t talk to Latchkey.",
            Some("Check its token, and that its software is one that Latchkey works with."),
        ),
        HubTestResult::NotSupported => {
            ("This server doesn’t connect to hubs of this kind.", Some("Ask whoever operates this server."))
        }
    };
    let (software, said) = match greeting {
        Some(Ok(software)) => (Some(software), None),
        Some(Err(said)) => (None, Some(said)),
        None => (None, None),
    };
    HubTest {
        result: result.into(),
        software,
        locks: locks.map(|locks| u32::try_from(locks).unwrap_or(u32::MAX)),
        said,
        detail: detail.to_owned(),
        next_step: next_step.map(str::to_owned),
    }
}
