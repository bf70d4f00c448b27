//! Asking a hub something now, with a limit to how long that may take.

use std::sync::Arc;
use std::time::Duration;

use api_types::ProblemCode;
use hub::{FoundLock, HubEvent, HubInfo, LockDriver, LockError};
use ids::HubId;
use store::hubs::ManagedHub;
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::problem::Problem;

/// How long somebody waits for a hub's answer.
pub(in crate::routes) const PATIENCE: Duration = Duration::from_secs(10);

/// The driver of a hub, which may have been added or changed a moment ago.
async fn driver(app: &App, hub: &ManagedHub, until: Instant) -> Result<Arc<dyn LockDriver>, LockError> {
    let patience = until.saturating_duration_since(Instant::now());
    app.hubs().driver(hub.id, hub.version, patience).await.ok_or(LockError::NotSupported)
}

/// What a hub says of itself, and how many locks it has. One that is still being connected to is waited for.
pub(in crate::routes) async fn greet(app: &App, hub: &ManagedHub) -> Result<(HubInfo, usize), LockError> {
    let until = Instant::now() + PATIENCE;
    let driver = driver(app, hub, until).await?;
    // Listened to before asking, so that it can't come in between.
    let mut events = driver.events();
    let info = loop {
        match timeout_at(until, driver.about()).await.map_err(|_| LockError::TimedOut)? {
            Err(LockError::HubOffline) => {}
            answer => break answer?,
        }
        loop {
            match timeout_at(until, events.recv()).await {
                Ok(Ok(HubEvent::HubOnline) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_))) => break,
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => return Err(LockError::HubOffline),
            }
        }
    };
    let locks = timeout_at(until, driver.locks()).await.map_err(|_| LockError::TimedOut)??;
    Ok((info, locks.len()))
}

/// The locks that a hub has now.
///
/// # Errors
/// 409 `hub_offline`, `hub_rejected`.
pub(in crate::routes) async fn locks(app: &App, hub: &ManagedHub) -> Result<Vec<FoundLock>, Problem> {
    let until = Instant::now() + PATIENCE;
    let asked = async {
        let driver = driver(app, hub, until).await?;
        timeout_at(until, driver.locks()).await.map_err(|_| LockError::TimedOut)?
    };
    asked.await.map_err(|error| problem(hub.id, &error))
}

/// Why a hub can't be asked.
fn problem(hub_id: HubId, error: &LockError) -> Problem {
    tracing::info!(%error, hub = %hub_id, "a hub can't be asked for its locks");
    match error {
        LockError::HubOffline | LockError::LockOffline => Problem::new(
            ProblemCode::HubOffline,
            "The hub can’t be reached. Check its power, its network and its address, then test it.",
        ),
        LockError::TimedOut => {
            Problem::new(ProblemCode::HubOffline, "The hub didn’t answer in time. Try again in a minute.")
        }
        _ => Problem::new(
            ProblemCode::HubRejected,
            "The hub is there, but doesn’t tell about its locks. Test it to see why.",
        ),
    }
}
